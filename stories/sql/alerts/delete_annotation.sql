-- Deletes a note.
-- params: annotation_id integer
-- columns: none
delete from annotations where annotation_id = %(annotation_id)s::integer
