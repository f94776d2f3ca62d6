-- Forgets what was said of a version; what was seen of it stays.
-- params: app_id smallint, version text
-- columns: none
update releases set released_at = null, url = null, is_archived = false
where app_id = %(app_id)s::smallint and version = %(version)s::text
