-- Adds what erased people have left behind on a day to what is counted again of it.
-- params: app_id smallint, day date
-- columns: none
with departed as materialized (
    select * from public.departed_daily_values where app_id = %(app_id)s and day = %(day)s
), new as (
    insert into series (app_id, dim, value, event, property, label)
    select app_id, dim, value, event, property, label from departed
    on conflict do nothing
    returning *
)
insert into value_series (series_id, day, n)
select series_id, day, n
from departed join (select * from series union all select * from new) as named
    using (app_id, dim, value, event, property, label)
on conflict (series_id, day) do update set n = value_series.n + excluded.n
