-- The temporary table of events is looked up by key.
-- params: none
-- columns: none
create index on pg_temp.held_events (user_id, timestamp, dedupe_key);
analyze pg_temp.held_events;
