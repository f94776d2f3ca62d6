-- A session of an account, or of DASHBOARD_USERNAME where account_id is null. Nothing is stored where
-- the account's password is no longer the one that was checked.
-- params: token_digest bytea, account_id integer, password text, credential bytea,
--   expires_at timestamptz
-- columns: none
insert into account_sessions (token_digest, account_id, credential, expires_at)
select %(token_digest)s::bytea, %(account_id)s::integer, %(credential)s::bytea, %(expires_at)s::timestamptz
where %(account_id)s::integer is null
   or exists (select from accounts where account_id = %(account_id)s::integer
              and password = %(password)s::text)
