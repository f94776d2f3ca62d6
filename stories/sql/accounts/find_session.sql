-- A session and who has it; the account's columns are null for DASHBOARD_USERNAME.
-- params: token_digest bytea, now timestamptz
-- columns: account_id integer, credential bytea, name text, role text, app_ids smallint[]
select session.account_id, session.credential, accounts.name, accounts.role, accounts.app_ids
from account_sessions as session left join accounts using (account_id)
where session.token_digest = %(token_digest)s::bytea and session.expires_at > %(now)s::timestamptz
  and (session.account_id is null or accounts.account_id is not null)
