-- The time of an app's latest event in a chunk, among those that hold one from before a moment.
-- params: app_id smallint, before timestamptz (null: any)
-- columns: last_at timestamptz
select max(last_at) as last_at
from event_chunks
where app_id = %(app_id)s::smallint and (%(before)s::timestamptz is null or first_at < %(before)s::timestamptz)
