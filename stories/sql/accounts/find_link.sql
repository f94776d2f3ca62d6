-- A share link that is valid, with its maker; role and app_ids are null for DASHBOARD_USERNAME's.
-- params: link_id text, now timestamptz
-- columns: link_id text, secret_digest bytea, name text, app_id smallint, page text, question jsonb,
--   password text, frame_sites text[], account_id integer, used_at timestamptz, role text,
--   app_ids smallint[]
select link.link_id, link.secret_digest, link.name, link.app_id, link.page, link.question, link.password,
       link.frame_sites, link.account_id, link.used_at, accounts.role, accounts.app_ids
from share_links as link left join accounts using (account_id)
where link.link_id = %(link_id)s::text
  and (link.expires_at is null or link.expires_at > %(now)s::timestamptz)
  and (link.account_id is null or accounts.account_id is not null)
