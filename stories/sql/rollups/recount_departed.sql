-- What erased people have left behind cannot be counted from events any more: a recount starts from it.
-- params: none
-- columns: none
insert into series (app_id, dim, value, event, property, label)
    select app_id, dim, value, event, '', '' from public.departed_daily_events
    union
    select app_id, dim, value, event, property, label from public.departed_daily_values
    union
    select app_id, dim, value, event, property, '' from public.departed_daily_numbers
    on conflict do nothing;
insert into event_series (series_id, day, n)
    select series_id, day, n from public.departed_daily_events as departed join series using (app_id, dim, value, event)
    where series.property = '' and series.label = '';
insert into value_series (series_id, day, n)
    select series_id, day, n
    from public.departed_daily_values join series using (app_id, dim, value, event, property, label);
insert into number_series (series_id, day, n, total, least, most, histogram)
    select series_id, day, n, total, least, most, histogram
    from public.departed_daily_numbers as departed join series using (app_id, dim, value, event, property)
    where series.label = '';
insert into daily_crashes select * from public.departed_daily_crashes;
insert into daily_sessions select * from public.departed_daily_sessions;
insert into active_gaps (app_id, facet, kind, day, gap, people)
    select app_id, facet, kind, day, gap, people from public.departed_active_gaps;
insert into group_days select * from public.departed_group_days;
insert into group_hours select * from public.departed_group_hours;
