-- A segment's days up to this one are counted.
-- params: segment_id integer, until text (a date, or infinity)
-- columns: none
update segments set filled_until = %(until)s::date where segment_id = %(segment_id)s
