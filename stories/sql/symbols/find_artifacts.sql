-- The uploads of an app that have one of these keys, the newest first; once for each of its keys.
-- params: app_id smallint, keys text[], limit integer
-- columns: artifact_id bigint, kind text, debug_id text, url text, name text, map_url text, bytes bigint,
--   key text, releases jsonb ([{"release", "dist"}])
select artifact_id, kind, debug_id, url, name, map_url, bytes, key,
       coalesce((select jsonb_agg(jsonb_build_object('release', release, 'dist', dist) order by release, dist)
                 from artifact_releases as held where held.artifact_id = artifacts.artifact_id),
                '[]') as releases
from artifact_keys join artifacts using (app_id, artifact_id)
where app_id = %(app_id)s::smallint and key = any(%(keys)s::text[])
order by uploaded_at desc, artifact_id desc
limit %(limit)s::integer
