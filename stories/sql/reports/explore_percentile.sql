-- A percentile of a number by nearest rank, by interval and by a key: rows, buckets and keys as reports/explore
-- has them; the leading keys are those with most events that have the number.
-- params: app_id smallint, start timestamptz, end timestamptz, timezone text, event text (null: any),
--   matches boolean, key text, property text, percent integer, interval text, most integer
-- columns: bucket timestamp, place bigint, key text, is_total boolean, events bigint, percentile numeric
with each as materialized (
    select case when %(interval)s = 'hour'
                then date_trunc('hour', timestamp, %(timezone)s) at time zone 'UTC'
                when %(interval)s <> 'none' then date_trunc(%(interval)s, day::timestamp) end as bucket,
           coalesce(%(key)s, '') as key, countable_number(properties -> %(property)s::text) as number
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
      and (%(event)s::text is null or event = %(event)s) and %(matches)s
      and jsonb_typeof(properties -> %(property)s::text) = 'number'
), chosen as materialized (
    select key, row_number() over (order by amount desc, key = '', key collate "C") as place
    from (
        select key, count(*) as amount from each where number is not null and key <> 'other' group by key
    ) as keys
    order by place
    limit %(most)s
)
select bucket, place, chosen.key, grouping(bucket) = 1 as is_total, count(*) as events,
       percentile_disc(%(percent)s / 100.0) within group (order by number) as percentile
from each left join chosen using (key)
where number is not null
group by grouping sets ((bucket, place, chosen.key), ())
order by is_total, bucket, place
