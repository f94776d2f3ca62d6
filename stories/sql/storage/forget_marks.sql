-- Deletes the marks of sessions that have left, if no chunk is held any more.
-- params: none
-- columns: none
delete from session_marks where not exists (select from event_chunks)
