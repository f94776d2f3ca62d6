-- When a share link was last opened, to some minutes.
-- params: link_id text, now timestamptz
-- columns: none
update share_links set used_at = %(now)s::timestamptz where link_id = %(link_id)s::text
