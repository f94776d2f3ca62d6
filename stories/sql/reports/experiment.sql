-- People of an experiment by the first variant that they were shown in the period, most first. converted: those
-- with the goal at that moment or later, up to so many hours. open: of the rest, those whose time is not over
-- at `now`. mixed: who were shown another variant too.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), event text (that shows a variant),
--   property text (which names it), goal boolean (what a goal is), hours integer, now timestamptz,
--   matches boolean (of the events that show a variant)
-- columns: variant text, people bigint, converted bigint, open bigint, mixed bigint
with shown as materialized (
    select user_id, left(properties ->> %(property)s, 100) as variant, timestamp, dedupe_key
    from facts_of_people_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts_of_people
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
      and event = %(event)s and properties ->> %(property)s is not null and %(matches)s
), exposed as materialized (
    select user_id, (array_agg(variant order by timestamp, dedupe_key))[1] as variant,
           min(timestamp) as at, count(distinct variant) > 1 as is_mixed
    from shown
    group by user_id
), goals as materialized (
    select user_id, timestamp
    from facts_of_people_between(%(app_id)s::smallint, %(start)s::timestamptz,
                                 %(end)s::timestamptz + make_interval(hours => %(hours)s)) as facts_of_people
    where app_id = %(app_id)s and timestamp >= %(start)s
      and timestamp < %(end)s::timestamptz + make_interval(hours => %(hours)s) and %(goal)s
), reached as (
    select distinct user_id
    from exposed join goals using (user_id)
    where goals.timestamp >= exposed.at and goals.timestamp <= exposed.at + make_interval(hours => %(hours)s)
)
select variant, count(*) as people, count(reached.user_id) as converted,
       count(*) filter (where reached.user_id is null and at + make_interval(hours => %(hours)s) > %(now)s) as open,
       count(*) filter (where is_mixed) as mixed
from exposed left join reached using (user_id)
group by variant
order by people desc, variant
