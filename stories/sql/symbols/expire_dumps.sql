-- Deletes minidumps that came before a time.
-- params: before timestamptz
-- columns: none
delete from minidumps where at < %(before)s::timestamptz
