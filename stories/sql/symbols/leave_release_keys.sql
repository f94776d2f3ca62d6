-- Nor is it found by this release.
-- params: app_id smallint, prefix text
-- columns: none
delete from artifact_keys where app_id = %(app_id)s::smallint and starts_with(key, %(prefix)s::text)
