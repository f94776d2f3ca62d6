-- The tokens of everybody, or of one maker.
-- params: everybody boolean, account_id integer
-- columns: token_id integer, name text, scopes text[], app_id smallint, account_id integer, maker text,
--   created_at timestamptz, expires_at timestamptz, used_at timestamptz
select token.token_id, token.name, token.scopes, token.app_id, token.account_id, accounts.name as maker,
       token.created_at, token.expires_at, token.used_at
from api_tokens as token left join accounts using (account_id)
where %(everybody)s::boolean or token.account_id is not distinct from %(account_id)s::integer
order by token.token_id
