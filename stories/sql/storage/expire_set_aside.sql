-- Forgets why events that no app keeps any more broke the fold.
-- params: oldest timestamptz
-- columns: none
delete from set_aside where timestamp < %(oldest)s
