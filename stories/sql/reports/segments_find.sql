-- One segment.
-- params: segment_id integer
-- columns: segment_id integer, app_id smallint, name text, filter jsonb, is_filled boolean, created_at timestamptz
select segment_id, app_id, name, filter, filled_until = 'infinity' as is_filled, created_at
from segments
where segment_id = %(segment_id)s
