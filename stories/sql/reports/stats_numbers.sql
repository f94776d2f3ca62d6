-- The timings: how many, their sum and bounds, and the summed histogram (see daily_numbers).
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: property text, n numeric, total numeric, least numeric, most numeric, histogram jsonb
with days as materialized (
    select property, n, total, least, most, histogram
    from daily_numbers
    where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
      and day between %(first)s::date and %(last)s::date
      and (event, property) in (('transcription_completed', 'processing_time_seconds'),
                                ('recording_completed', 'processing_time_seconds'),
                                ('app_opened', 'startup_time_seconds'))
), buckets as (
    select property, jsonb_object_agg(bucket, n) as histogram
    from (
        select property, bucket, sum(count::bigint) as n
        from days cross join jsonb_each_text(days.histogram) as each (bucket, count)
        where property = 'processing_time_seconds'
        group by property, bucket
    ) as summed
    group by property
)
select sums.*, coalesce(buckets.histogram, '{}') as histogram
from (
    select property, sum(n) as n, sum(total) as total, min(least) as least, max(most) as most
    from days
    group by property
) as sums
left join buckets using (property)
