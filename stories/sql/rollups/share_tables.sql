-- Empty temporary tables of the names of the rollups that count events and crashes, beside the fold's work
-- tables: the fold's own statements fill them with one person's share.
-- params: none
-- columns: none
create temporary table event_series (like public.event_series including all) on commit drop;
create temporary table value_series (like public.value_series including all) on commit drop;
create temporary table number_series (like public.number_series including all) on commit drop;
create temporary view daily_events as
    select app_id, day, dim, value, event, n from pg_temp.event_series join public.series using (series_id);
create temporary view daily_values as
    select app_id, day, dim, value, event, property, label, n from pg_temp.value_series join public.series using (series_id);
create temporary view daily_numbers as
    select app_id, day, dim, value, event, property, n, total, least, most, histogram
    from pg_temp.number_series join public.series using (series_id);
create temporary table daily_crashes (like public.daily_crashes including all) on commit drop;
create temporary table group_days (like public.group_days including all) on commit drop;
create temporary table group_hours (like public.group_hours including all) on commit drop;
create temporary table kept_values (like public.kept_values including all) on commit drop;
