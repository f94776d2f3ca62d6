-- The temporary table of events is looked up by key. The planner needs to know how many rows it has and what their keys
-- are like: to analyze all columns from the usual sample takes twice as long as to fill the table.
-- params: none
-- columns: none
create index on pg_temp.held_events (user_id, timestamp, dedupe_key);
set local default_statistics_target = 10;
analyze pg_temp.held_events (app_id, user_id, timestamp, dedupe_key);
reset default_statistics_target;
