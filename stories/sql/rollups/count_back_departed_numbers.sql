-- Adds what erased people have left behind on a day to what is counted again of it.
-- params: app_id smallint, day date
-- columns: none
with departed as materialized (
    select * from public.departed_daily_numbers where app_id = %(app_id)s and day = %(day)s
), new as (
    insert into series (app_id, dim, value, event, property)
    select app_id, dim, value, event, property from departed
    on conflict do nothing
    returning *
)
insert into number_series (series_id, day, n, total, least, most, histogram)
select series_id, day, n, total, least, most, histogram
from departed join (select * from series where label = '' union all select * from new) as named
    using (app_id, dim, value, event, property)
on conflict (series_id, day) do update set
    n = number_series.n + excluded.n,
    total = number_series.total + excluded.total,
    least = least(number_series.least, excluded.least),
    most = greatest(number_series.most, excluded.most),
    histogram = add_histograms(number_series.histogram, excluded.histogram)
