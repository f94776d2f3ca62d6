-- Puts the view back into its place.
-- params: none
-- columns: none
drop table if exists pg_temp.held_events;
