-- An empty temporary table of events in the place of the view of this name; gone with the transaction.
-- params: none
-- columns: none
drop table if exists pg_temp.held_events;
create temporary table held_events (like events) on commit drop;
