-- The latest uploads of an app.
-- params: app_id smallint, limit integer
-- columns: id bigint, kind text, name text, release text, state text, detail text, at timestamptz
select upload_id as id, kind, parts -> 0 ->> 'name' as name, release, state, detail, at
from uploads where app_id = %(app_id)s::smallint
order by upload_id desc
limit %(limit)s::integer
