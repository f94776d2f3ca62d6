-- Forgets claims of items that no app keeps any more.
-- params: oldest timestamptz
-- columns: none
delete from claims where timestamp < %(oldest)s
