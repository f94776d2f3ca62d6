-- Adds what erased people have left behind on a day to what is counted again of it.
-- params: app_id smallint, day date
-- columns: none
insert into daily_values as counted
select * from public.departed_daily_values where app_id = %(app_id)s and day = %(day)s
on conflict (app_id, dim, value, day, event, property, label) do update set n = counted.n + excluded.n
