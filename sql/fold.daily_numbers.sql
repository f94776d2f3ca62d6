-- Numbers by day and dimension: the countable ones and those derived from them (the first of two
-- properties that is a valid number). Sums are numeric, so their order does not matter.
-- params: countable text (JSON, as fold.known_labels), derived text (JSON: app_id, event, property,
--   first, second, successful)
-- columns: none
with countable as materialized (
    select * from json_to_recordset(%(countable)s::json) as item
        (app_id smallint, event text, property text, type text, percentiles boolean)
    where type = 'number'
), derived as materialized (
    select * from json_to_recordset(%(derived)s::json) as item
        (app_id smallint, event text, property text, first text, second text, successful boolean)
), facts as materialized (
    select app_id, day, event, app_version, platform, country, property, percentiles,
           countable_number(properties -> property) as number
    from slice join countable using (app_id, event)
    where kind = 'event'
    union all
    select app_id, day, event, app_version, platform, country, property, false,
           coalesce(countable_number(properties -> first), countable_number(properties -> second))
    from slice join derived using (app_id, event)
    where kind = 'event'
      and not (successful and properties -> 'success' is not distinct from 'false'::jsonb)
), bucketed as (
    select app_id, day, dims.dim, dims.value, event, property,
           case when percentiles then histogram_bucket(number) end as bucket,
           count(*) as n, sum(number) as total, min(number) as least, max(number) as most
    from facts, lateral (values ('none', ''), ('version', app_version),
                                ('platform', platform), ('country', country)) as dims (dim, value)
    where number is not null and dims.value is not null
    group by app_id, day, dims.dim, dims.value, event, property, 7
)
insert into daily_numbers (app_id, day, dim, value, event, property, n, total, least, most, histogram)
select app_id, day, dim, value, event, property, sum(n), sum(total), min(least), max(most),
       coalesce(jsonb_object_agg(bucket, n) filter (where bucket is not null), '{}')
from bucketed
group by app_id, day, dim, value, event, property
on conflict (app_id, dim, value, day, event, property) do update set
    n = daily_numbers.n + excluded.n,
    total = daily_numbers.total + excluded.total,
    least = least(daily_numbers.least, excluded.least),
    most = greatest(daily_numbers.most, excluded.most),
    histogram = case when excluded.histogram = '{}' then daily_numbers.histogram
                     else add_counts(daily_numbers.histogram, excluded.histogram) end
