-- Notes of an app and of all, between two moments.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: annotation_id integer, app_id smallint, at timestamptz, text text, created_by text
select annotation_id, app_id, at, text, created_by
from annotations
where (app_id = %(app_id)s::smallint or app_id is null)
  and at >= %(start)s::timestamptz and at < %(end)s::timestamptz
order by at, annotation_id
limit 2000
