-- The artifacts of a release that no other release has.
-- params: app_id smallint, release text
-- columns: artifact_id bigint
select distinct artifact_id
from artifact_releases join artifacts using (app_id, artifact_id)
where app_id = %(app_id)s::smallint and release = %(release)s::text
  and not exists (
      select from artifact_releases as other
      where other.artifact_id = artifacts.artifact_id and other.release <> %(release)s::text
  )
