-- What is a sum over the matching events, in one reading of them:
-- part 'day': as stats_daily_sums (without crashes), of all days; of each frame, part 'event': as stats_events;
-- part 'label': as stats_labels, for the label of each event of the rules; part 'number': as stats_numbers.
-- Events come together by all that they say first; a day's group is a few hundred rows. A label that has no
-- place among the day's counts as other, as in the rollups.
-- params: app_id smallint, matches boolean, firsts date[], lasts date[] (of the frames),
--   start timestamptz, end timestamptz (exclusive; of all these days),
--   rules text (JSON, one an event: event, success, label, type, values, timing, percentiles, duration, cost, successful)
-- columns: part text, place bigint (of the frame), day date, event text, key text, events bigint,
--   unsuccessful bigint, seconds numeric, cost numeric, n numeric, total numeric, least numeric, most numeric,
--   histogram jsonb
with rules as materialized (
    select *, duration[1] as first_duration, duration[2] as second_duration,
           cost[1] as first_cost, cost[2] as second_cost
    from json_to_recordset(%(rules)s::json) as rule
        (event text, success boolean, label text, type text, "values" text[], timing text, percentiles boolean,
         duration text[], cost text[], successful boolean)
), frames as materialized (
    select *
    from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as frames (first, last, place)
), framed as materialized (
    select distinct day::date as day
    from frames, generate_series(first::timestamp, last::timestamp, '1 day') as day
), together as materialized (
    select day, event, success, label, bucket, count(*) as n,
           sum(seconds) as seconds, sum(cost) as cost,
           count(number) as numbers, sum(number) as total, min(number) as least, max(number) as most
    from (  -- `offset 0` here and below: a value is taken from its properties once, not wherever it is named
        select day, event, number, label_of(type, label_item) as label,
               case when says_success then label_of('boolean', success_item) end as success,
               case when not successful or is_successful(success_item)
                   then number_of(first_duration, second_duration) end as seconds,
               case when not successful or is_successful(success_item)
                   then number_of(first_cost, second_cost) end as cost,
               case when percentiles and number is not null then histogram_bucket(number) end as bucket
        from (
            select day, event, says_success, successful, percentiles, success_item, label_item,
                   first_duration, second_duration, first_cost, second_cost,
                   case when label_item is not null or label is not null then type end as type,
                   case when timing_item is not null then countable_number(timing_item) end as number
            from (
                select facts.day, facts.event, rules.success as says_success, rules.successful, rules.percentiles,
                       case when in_range then rules.label end as label, rules.type,
                       case when rules.success or rules.successful
                           then properties -> 'success' end as success_item,
                       case when in_range and rules.label is not null
                           then properties -> rules.label end as label_item,
                       case when in_range and rules.timing is not null
                           then properties -> rules.timing end as timing_item,
                       properties -> first_duration as first_duration, properties -> second_duration as second_duration,
                       properties -> first_cost as first_cost, properties -> second_cost as second_cost
                from (
                    select day, event, properties, day in (select day from framed) as in_range
                    from (
                        select day, event, properties
                        from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
                        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
                          and %(matches)s
                        offset 0
                    ) as matching
                    offset 0
                ) as facts left join rules using (event)
                offset 0
            ) as items
            offset 0
        ) as said
    ) as counted
    group by day, event, success, label, bucket
), by_event as materialized (
    select day, event, sum(n)::bigint as events,
           coalesce(sum(n) filter (where success = 'false'), 0)::bigint as unsuccessful,
           sum(seconds) as seconds, sum(cost) as cost
    from together
    group by day, event
), labels as (
    select said.place, said.event,
           case when said.declared or said.label in ('', 'other') or kept.value is not null
                  or is_plain_label(said.label) and closed.value is null
                then said.label else 'other' end as label, sum(said.n) as n
    from (
        select frames.place, together.day, event, rules.label as property, together.label,
               rules.type = 'boolean' or together.label = any (rules.values) as declared, sum(together.n) as n
        from together join rules using (event) join frames on together.day between frames.first and frames.last
        where together.label is not null
        group by 1, 2, 3, 4, 5, 6
    ) as said
    left join kept_values as kept
        on kept.app_id = %(app_id)s and (kept.event, kept.property, kept.day, kept.value)
                                      = (said.event, said.property, said.day, said.label)
    left join kept_values as closed
        on closed.app_id = %(app_id)s and closed.value = 'other'
       and (closed.event, closed.property, closed.day) = (said.event, said.property, said.day)
    group by 1, 2, 3
), timings as materialized (
    select frames.place, rules.timing, together.bucket, sum(together.n) as n, sum(numbers) as numbers,
           sum(total) as total, min(least) as least, max(most) as most
    from together join rules using (event) join frames on together.day between frames.first and frames.last
    where numbers > 0
    group by frames.place, rules.timing, together.bucket
)
select 'day' as part, null::bigint as place, day, event, null::text as key, events, unsuccessful, seconds, cost,
       null::numeric as n, null::numeric as total, null::numeric as least, null::numeric as most,
       null::jsonb as histogram
from by_event
union all
select 'event', frames.place, null, event, event, null, null, null, null, sum(events), null, null, null, null
from by_event join frames on by_event.day between frames.first and frames.last
group by frames.place, event
union all
select 'label', place, null, event, label, null, null, null, null, n, null, null, null, null
from labels
union all
select 'number', place, null, null, timing, null, null, null, null,
       sum(numbers), sum(total), min(least), max(most),
       coalesce(jsonb_object_agg(bucket, n) filter (where bucket is not null), '{}')
from timings
group by place, timing
