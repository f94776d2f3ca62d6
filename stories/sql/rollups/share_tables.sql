-- Empty temporary tables of the names of the rollups that count events and crashes, beside the fold's work
-- tables: the fold's own statements fill them with one person's share.
-- params: none
-- columns: none
create temporary table daily_events (like public.daily_events including all) on commit drop;
create temporary table daily_values (like public.daily_values including all) on commit drop;
create temporary table daily_numbers (like public.daily_numbers including all) on commit drop;
create temporary table daily_crashes (like public.daily_crashes including all) on commit drop;
create temporary table group_days (like public.group_days including all) on commit drop;
create temporary table group_hours (like public.group_hours including all) on commit drop;
create temporary table kept_values (like public.kept_values including all) on commit drop;
