-- Deletes a segment.
-- params: segment_id integer
-- columns: none
delete from segments where segment_id = %(segment_id)s
