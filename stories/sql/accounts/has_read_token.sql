-- Whether there is a token of scope read.
-- params: now timestamptz
-- columns: exists boolean
select exists (
    select from api_tokens
    where 'read' = any (scopes) and (expires_at is null or expires_at > %(now)s::timestamptz)
)
