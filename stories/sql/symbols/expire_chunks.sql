-- Deletes chunks that nobody has asked for in a day.
-- params: none
-- columns: none
delete from upload_chunks where at < now() - interval '1 day'
