-- Forgets a version that was never seen.
-- params: app_id smallint, version text
-- columns: none
delete from releases
where app_id = %(app_id)s::smallint and version = %(version)s::text and first_seen is null
