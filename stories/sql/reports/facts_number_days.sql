-- As dashboard_number_days, of the matching events.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), event text, property text, matches boolean
-- columns: day date, n bigint, total numeric, histogram jsonb
with numbers as materialized (
    select day, number, histogram_bucket(number) as bucket
    from (  -- `offset 0`: a number is taken from its properties once, not wherever it is named
        select day, countable_number(properties -> %(property)s::text) as number
        from facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
          and event = %(event)s::text and %(matches)s
        offset 0
    ) as said
    where number is not null
), buckets as (
    select day, bucket, count(*) as n, sum(number) as total
    from numbers
    group by day, bucket
)
select day, sum(n)::bigint as n, sum(total) as total,
       coalesce(jsonb_object_agg(bucket, n) filter (where bucket is not null), '{}') as histogram
from buckets
group by day
order by day
