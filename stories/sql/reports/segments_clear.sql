-- Has a segment's days counted anew.
-- params: segment_id integer
-- columns: none
update segments set filled_until = '-infinity' where segment_id = %(segment_id)s
