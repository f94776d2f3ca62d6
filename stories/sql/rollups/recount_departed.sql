-- What erased people have left behind cannot be counted from events any more: a recount starts from it.
-- params: none
-- columns: none
insert into daily_events select * from public.departed_daily_events;
insert into daily_values select * from public.departed_daily_values;
insert into daily_numbers select * from public.departed_daily_numbers;
insert into daily_crashes select * from public.departed_daily_crashes;
insert into daily_sessions select * from public.departed_daily_sessions;
insert into active_gaps select * from public.departed_active_gaps;
insert into group_days select * from public.departed_group_days;
insert into group_hours select * from public.departed_group_hours;
