-- The share links of everybody, or of one maker.
-- params: everybody boolean, account_id integer
-- columns: link_id text, name text, app_id smallint, page text, question jsonb, has_password boolean,
--   frame_sites text[], account_id integer, maker text, created_at timestamptz, expires_at timestamptz,
--   used_at timestamptz
select link.link_id, link.name, link.app_id, link.page, link.question,
       link.password is not null as has_password, link.frame_sites, link.account_id,
       accounts.name as maker, link.created_at, link.expires_at, link.used_at
from share_links as link left join accounts using (account_id)
where %(everybody)s::boolean or link.account_id is not distinct from %(account_id)s::integer
order by link.created_at, link.link_id
