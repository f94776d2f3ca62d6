-- Every account, by name. sessions: how many are open.
-- params: none
-- columns: account_id integer, name text, role text, app_ids smallint[], has_password boolean,
--   invite_until timestamptz, created_at timestamptz, sessions bigint, tokens bigint
select account_id, name, role, app_ids, password is not null as has_password, invite_until, created_at,
       (select count(*) from account_sessions as session
        where session.account_id = accounts.account_id and session.expires_at > now()) as sessions,
       (select count(*) from api_tokens as token where token.account_id = accounts.account_id) as tokens
from accounts
order by lower(name)
