-- On Citus: the events and crashes that `slice_keys` names, in the place of the views of these names.
-- params: none
-- columns: none
drop table if exists pg_temp.held_events, pg_temp.held_crashes;
create temporary table held_events on commit drop as
    select events.*
    from events join slice_keys as keys using (user_id, timestamp, dedupe_key)
    where keys.kind = 'event';
create temporary table held_crashes on commit drop as
    select crashes.*
    from crashes join slice_keys as keys using (user_id, timestamp, dedupe_key)
    where keys.kind = 'crash';
create index on held_events (user_id, timestamp, dedupe_key);
create index on held_crashes (user_id, timestamp, dedupe_key);
analyze held_events, held_crashes;
