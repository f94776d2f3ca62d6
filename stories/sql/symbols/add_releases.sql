-- Says of which releases an artifact is, as long as it has fewer than `limit` of them.
-- params: app_id smallint, artifact_id bigint, releases text[], dists text[], limit integer
-- columns: none
insert into artifact_releases (app_id, release, dist, artifact_id)
select %(app_id)s::smallint, release, dist, %(artifact_id)s::bigint
from unnest(%(releases)s::text[], %(dists)s::text[]) as of (release, dist)
limit greatest(%(limit)s::integer
               - (select count(*) from artifact_releases where artifact_id = %(artifact_id)s::bigint), 0)
on conflict do nothing
