-- A token that is valid, with its maker; role and app_ids are null for DASHBOARD_USERNAME's.
-- params: token_digest bytea, now timestamptz
-- columns: token_id integer, name text, scopes text[], app_id smallint, account_id integer,
--   used_at timestamptz, maker text, role text, app_ids smallint[]
select token.token_id, token.name, token.scopes, token.app_id, token.account_id, token.used_at,
       accounts.name as maker, accounts.role, accounts.app_ids
from api_tokens as token left join accounts using (account_id)
where token.token_digest = %(token_digest)s::bytea
  and (token.expires_at is null or token.expires_at > %(now)s::timestamptz)
  and (token.account_id is null or accounts.account_id is not null)
