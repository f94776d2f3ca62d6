-- Empty temporary tables of the rollups' names, and the keys still pending; beside the fold's work tables.
-- params: none
-- columns: none
create temporary table series (like public.series including all) on commit drop;
insert into series select * from public.series;
create temporary table event_series (like public.event_series including all) on commit drop;
create temporary table value_series (like public.value_series including all) on commit drop;
create temporary table number_series (like public.number_series including all) on commit drop;
create temporary view daily_events as
    select app_id, day, dim, value, event, n from pg_temp.event_series join pg_temp.series using (series_id);
create temporary view daily_values as
    select app_id, day, dim, value, event, property, label, n from pg_temp.value_series join pg_temp.series using (series_id);
create temporary view daily_numbers as
    select app_id, day, dim, value, event, property, n, total, least, most, histogram
    from pg_temp.number_series join pg_temp.series using (series_id);
create temporary table daily_crashes (like public.daily_crashes including all) on commit drop;
create temporary table group_days (like public.group_days including all) on commit drop;
create temporary table group_hours (like public.group_hours including all) on commit drop;
create temporary table group_people (like public.group_people including all) on commit drop;
create temporary table group_counts (like public.group_counts) on commit drop;
create temporary table issue_counts (like public.issue_counts) on commit drop;
create temporary table session_days (like public.session_days including all) on commit drop;
create temporary table recounted_sessions (
    app_id smallint, sid uuid, sessions integer, is_pending boolean, day date, version text, status smallint
) on commit drop;
create temporary table daily_sessions (like public.daily_sessions including all) on commit drop;
create temporary table active_gaps (like public.active_gaps including all) on commit drop;
create temporary table facets (like public.facets including all) on commit drop;
insert into facets select * from public.facets;
create temporary table lifetimes (like public.lifetimes including all) on commit drop;
create temporary table cohort_weeks (like public.cohort_weeks including all) on commit drop;
create temporary table people_now (like public.people_now including all) on commit drop;
create temporary table users (like public.users including all) on commit drop;
create temporary table person_days (like public.person_days including all) on commit drop;
create temporary table sessions (like public.sessions including all) on commit drop;
create temporary table session_marks (like public.session_marks including all) on commit drop;
create temporary view held_people as select * from pg_temp.users;
create temporary view held_days as
    select app_id, day, user_id, flags, events, crashes, versions::text[] as versions, platforms::text[] as platforms,
           countries::text[] as countries, crash_versions::text[] as crash_versions,
           crash_systems::text[] as crash_systems, segments, crash_segments
    from pg_temp.person_days;
create temporary view held_sessions as select * from pg_temp.sessions;
create temporary table label_names (like public.label_names including all) on commit drop;
insert into label_names select * from public.label_names;
create temporary table pending on commit drop as
    select kind, item.user_id, item.timestamp, item.dedupe_key
    from outbox, unnest(user_ids, timestamps, dedupe_keys) as item (user_id, timestamp, dedupe_key)
    union
    select kind, user_id, timestamp, dedupe_key from set_aside;
create index on pending (user_id, timestamp, dedupe_key);
analyze pending;
create temporary table kept_values (like public.kept_values including all) on commit drop;
insert into kept_values select * from public.kept_values;
