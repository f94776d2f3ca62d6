-- Adds what erased people have left behind on a day to what is counted again of it.
-- params: app_id smallint, day date
-- columns: none
insert into daily_numbers as counted
select * from public.departed_daily_numbers where app_id = %(app_id)s and day = %(day)s
on conflict (app_id, dim, value, day, event, property) do update set
    n = counted.n + excluded.n,
    total = counted.total + excluded.total,
    least = least(counted.least, excluded.least),
    most = greatest(counted.most, excluded.most),
    histogram = add_counts(counted.histogram, excluded.histogram)
