-- Writes an issue's note.
-- params: issue_id bigint, note text
-- columns: none
update issues set note = %(note)s where issue_id = %(issue_id)s
