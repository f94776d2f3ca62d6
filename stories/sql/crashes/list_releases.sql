-- Every version of an app that is known or was marked, at most `limit`, lately seen ones first.
-- params: app_id smallint, limit integer
-- columns: version text, version_key text, first_seen timestamptz, released_at timestamptz, url text,
--   is_archived boolean
select version, version_key, first_seen, released_at, url, is_archived
from releases
where app_id = %(app_id)s::smallint
order by coalesce(first_seen, released_at) desc, version
limit %(limit)s
