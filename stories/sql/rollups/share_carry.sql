-- Adds the share to what erased people have left behind.
-- params: none
-- columns: none
insert into departed_daily_events as departed select * from daily_events
on conflict (app_id, dim, value, day, event) do update set n = departed.n + excluded.n;
insert into departed_daily_values as departed select * from daily_values
on conflict (app_id, dim, value, day, event, property, label) do update set n = departed.n + excluded.n;
insert into departed_daily_numbers as departed select * from daily_numbers
on conflict (app_id, dim, value, day, event, property) do update set
    n = departed.n + excluded.n,
    total = departed.total + excluded.total,
    least = least(departed.least, excluded.least),
    most = greatest(departed.most, excluded.most),
    histogram = add_histograms(departed.histogram, excluded.histogram);
insert into departed_daily_crashes as departed select * from daily_crashes
on conflict (app_id, dim, value, day, crash_type) do update set n = departed.n + excluded.n;
insert into departed_group_days as departed select * from group_days
on conflict (app_id, fingerprint, dim, value, day) do update set n = departed.n + excluded.n;
insert into departed_group_hours as departed select * from group_hours
on conflict (app_id, fingerprint, hour) do update set n = departed.n + excluded.n;
