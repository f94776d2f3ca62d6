-- Puts what was found beside a crash or handled error. fingerprint: of a handled error.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint, detail jsonb, fingerprint bytea,
--   wants text[] (null: as it is)
-- columns: none
update error_details
set detail = %(detail)s::jsonb,
    wants = coalesce(%(wants)s::text[], wants),
    fingerprint = case when fingerprint is not null then %(fingerprint)s::bytea end
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
