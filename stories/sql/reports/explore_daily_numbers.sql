-- A declared number in the rollups, by interval and key: how many, their sum, their bounds and their summed
-- histogram (see daily_numbers). Of one value of a dimension, or of each (value null; the key).
-- bucket: the epoch without an interval.
-- params: app_id smallint, first date, last date, interval text (day, week, month or none), dim text, value text,
--   event text, property text, histograms boolean
-- columns: bucket timestamp, key text, events numeric, sum numeric, least numeric, most numeric, histogram jsonb
with days as materialized (
    select case when %(interval)s <> 'none' then date_trunc(%(interval)s, day::timestamp)
                else 'epoch' end as bucket,
           case when %(value)s::text is null then value else '' end as key, n, total, least, most, histogram
    from daily_numbers
    where app_id = %(app_id)s and dim = %(dim)s and (%(value)s::text is null or value = %(value)s)
      and day between %(first)s::date and %(last)s::date and event = %(event)s and property = %(property)s
), buckets as (
    select bucket, key, jsonb_object_agg(step, n) as histogram
    from (
        select bucket, key, step, sum(count) as n
        from days cross join buckets_of(days.histogram) as each (step, count)
        where %(histograms)s
        group by bucket, key, step
    ) as summed
    group by bucket, key
)
select sums.*, coalesce(buckets.histogram, '{}') as histogram
from (
    select bucket, key, sum(n) as events, sum(total) as sum, min(least) as least, max(most) as most
    from days
    group by bucket, key
) as sums
left join buckets using (bucket, key)
where sums.events <> 0
