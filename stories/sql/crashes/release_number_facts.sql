-- As release_numbers, of the matching events.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean, versions text[],
--   rules text (JSON, one an event, as those of reports/facts_sums: event, success, timing, percentiles, cost, successful)
-- columns: version text, completed bigint, unsuccessful bigint, failed bigint, cost numeric, timed numeric,
--   least numeric, most numeric, histogram jsonb
with rules as materialized (
    select *
    from json_to_recordset(%(rules)s::json) as rule
        (event text, success boolean, timing text, percentiles boolean, cost text[], successful boolean)
), matching as materialized (
    select app_version as version, day, event, properties
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
      and app_version = any (%(versions)s::text[])
      and event in ('transcription_completed', 'transcription_failed', 'recording_completed') and %(matches)s
), said as materialized (
    select version, day, event, success, cost, number,
           case when percentiles and number is not null then histogram_bucket(number) end as bucket
    from (
        select version, day, event, percentiles,
               case when rules.success then label_of('boolean', properties -> 'success') end as success,
               case when not successful or is_successful(properties -> 'success')
                   then number_of(properties -> rules.cost[1], properties -> rules.cost[2]) end as cost,
               countable_number(properties -> rules.timing) as number
        from matching join rules using (event)
        offset 0
    ) as items
), counts as (
    select version, count(*) filter (where event = 'transcription_completed') as completed,
           count(*) filter (where event = 'transcription_completed' and success = 'false') as unsuccessful,
           count(*) filter (where event = 'transcription_failed') as failed,
           count(number) as timed, min(number) as least, max(number) as most
    from said
    group by version
), costs as (
    select version, sum(cost) as cost
    from (
        select version, coalesce(sum(cost) filter (where event = 'transcription_completed'), sum(cost)) as cost
        from said
        group by version, day
    ) as by_day
    group by version
), buckets as (
    select version, jsonb_object_agg(bucket, n) as histogram
    from (select version, bucket, count(*) as n from said where bucket is not null group by version, bucket) as summed
    group by version
)
select version, completed, unsuccessful, failed, cost, timed::numeric as timed, least, most,
       coalesce(histogram, '{}') as histogram
from counts left join costs using (version) left join buckets using (version)
