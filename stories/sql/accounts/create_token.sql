-- A new API token.
-- params: token_digest bytea, name text, scopes text[], app_id smallint, account_id integer,
--   expires_at timestamptz
-- columns: token_id integer
insert into api_tokens (token_digest, name, scopes, app_id, account_id, expires_at)
values (%(token_digest)s::bytea, %(name)s::text, %(scopes)s::text[], %(app_id)s::smallint,
        %(account_id)s::integer, %(expires_at)s::timestamptz)
returning token_id
