-- Revokes a share link, of anybody or of one maker.
-- params: link_id text, everybody boolean, account_id integer
-- columns: name text
delete from share_links
where link_id = %(link_id)s::text
  and (%(everybody)s::boolean or account_id is not distinct from %(account_id)s::integer)
returning name
