-- Says of no artifact any more that it is of this release.
-- params: app_id smallint, release text
-- columns: none
delete from artifact_releases where app_id = %(app_id)s::smallint and release = %(release)s::text
