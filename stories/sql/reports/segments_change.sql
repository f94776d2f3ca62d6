-- Changes what is not null of a segment.
-- params: segment_id integer, name text, filter text (JSON)
-- columns: none
update segments
set name = coalesce(%(name)s, name), filter = coalesce(%(filter)s::jsonb, filter)
where segment_id = %(segment_id)s
