-- The segments that a slice is counted by: those of which days are filled, or the one that is being filled.
-- params: only integer (a segment_id; null: those of which days are filled)
-- columns: none
insert into slice_segments
select app_id, 1 << place, segment_id::text
from segments
where case when %(only)s::integer is null then filled_until > '-infinity' else segment_id = %(only)s::integer end
