-- Counts of matching events, in one reading of them:
-- part 'event': by day; part 'label': how often they said each value of a countable property, by day, '' is none;
-- part 'number': of a countable number, by day, as dashboard_number_days; part 'people': distinct people of each
-- window of days, by kind of activity. What has no place among the day's values counts as other, as in the rollups.
-- Each window has bits for its kinds: each day and flags have theirs, each person ends with the bits of all.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean, flags integer (of the kinds
--   of activity that an event is), kinds integer[] (whose people are counted), firsts date[], lasts date[] (of the
--   windows; with each kind at most 63), rules text (JSON: event, label, type, values, number: the properties
--   that are counted of it)
-- columns: part text, day date, event text, key text, place bigint (of the window), kind integer, n bigint,
--   total numeric, histogram integer[] (as daily_numbers has it)
with rules as materialized (
    select * from json_to_recordset(%(rules)s::json)
        as rule (event text, label text, type text, "values" text[], number text)
), windows as materialized (
    select place, kind, first, last, 1::bigint << (row_number() over ())::integer - 1 as bit
    from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as windows (first, last, place)
    cross join unnest(%(kinds)s::integer[]) as kinds (kind)
), matching as materialized (
    select user_id, day, event, flags, label_of(rules.type, properties -> rules.label) as label,
           case when rules.number is not null then countable_number(properties -> rules.number) end as number
    from (
        select user_id, day, event, properties, %(flags)s as flags
        from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
        offset 0
    ) as said
    left join rules using (event)
), together as materialized (
    select day, event, label, case when number is not null then histogram_bucket(number) end as bucket,
           count(*) as n, count(number) as numbers, sum(number) as total
    from matching
    group by 1, 2, 3, 4
), days as materialized (
    select alike.day, alike.flags, bit_or(windows.bit) as bits
    from (select distinct day, flags from matching) as alike
    join windows on alike.day between windows.first and windows.last and alike.flags & windows.kind <> 0
    group by alike.day, alike.flags
), persons as materialized (
    select bits, count(*) as people
    from (
        select user_id, bit_or(bits) as bits
        from matching join days using (day, flags)
        where is_person(user_id)
        group by user_id
    ) as once
    group by bits
)
select 'event' as part, day, event, null as key, null::bigint as place, null::integer as kind,
       sum(n)::bigint as n, null::numeric as total, null::integer[] as histogram
from together
group by day, event
union all
select 'label', said.day, said.event,
       case when said.type = 'boolean' or said.label = any (said.values) or said.label in ('', 'other')
                 or kept.value is not null or is_plain_label(said.label) and closed.value is null
           then said.label else 'other' end,
       null, null, sum(said.n)::bigint, null, null
from (
    select day, event, rules.label as property, together.label, rules.type, rules.values, sum(together.n) as n
    from together join rules using (event)
    where together.label is not null
    group by 1, 2, 3, 4, 5, 6
) as said
left join kept_values as kept
    on kept.app_id = %(app_id)s and (kept.event, kept.property, kept.day, kept.value)
                                  = (said.event, said.property, said.day, said.label)
left join kept_values as closed
    on closed.app_id = %(app_id)s and closed.value = 'other'
   and (closed.event, closed.property, closed.day) = (said.event, said.property, said.day)
group by 2, 3, 4
union all
select 'number', day, event, null, null, null, sum(n)::bigint, sum(total),
       coalesce(array_agg(bucket order by bucket) filter (where bucket is not null)
                || array_agg(n::integer order by bucket) filter (where bucket is not null), '{}')
from (
    select day, event, bucket, sum(numbers)::bigint as n, sum(total) as total
    from together
    where numbers > 0
    group by day, event, bucket
) as numbers
group by day, event
union all
select 'people', null, null, null, place, kind, coalesce(sum(people), 0)::bigint, null, null
from windows left join persons on persons.bits & windows.bit <> 0
group by place, kind
order by 1, 2, 3, 4, 5, 6
