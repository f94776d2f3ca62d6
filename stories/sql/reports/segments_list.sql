-- An app's segments, in the order they were made.
-- params: app_id smallint
-- columns: segment_id integer, app_id smallint, name text, filter jsonb, is_filled boolean, created_at timestamptz
select segment_id, app_id, name, filter, filled_until = 'infinity' as is_filled, created_at
from segments
where app_id = %(app_id)s
order by segment_id
