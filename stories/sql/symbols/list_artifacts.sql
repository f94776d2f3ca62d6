-- The artifacts of an app, the newest first.
-- params: app_id smallint, limit integer
-- columns: id bigint, kind text, debug_id text, name text, url text, releases jsonb, bytes bigint,
--   kept_bytes bigint, uploaded_at timestamptz, used_at timestamptz, uses bigint, trouble text
select artifact_id as id, kind, debug_id, name, url,
       coalesce((select jsonb_agg(jsonb_build_object('release', release, 'dist', dist) order by release, dist)
                 from artifact_releases as held where held.artifact_id = artifacts.artifact_id),
                '[]') as releases,
       bytes, kept_bytes, uploaded_at, used_at, uses, trouble
from artifacts where app_id = %(app_id)s::smallint
order by uploaded_at desc, artifact_id desc
limit %(limit)s::integer
