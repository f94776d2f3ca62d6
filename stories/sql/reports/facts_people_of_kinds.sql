-- Distinct people with matching events in each window of days, by kind of activity, in one reading of the events.
-- rules: which flags an event sets, as rollups/slice has them.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive; of all windows), firsts date[],
--   lasts date[], rules text (JSON), matches boolean
-- columns: place bigint, kind integer, people bigint
with rules as materialized (
    select * from json_to_recordset(%(rules)s::json)
        as rule (event text, property text, equals text, prefix text, flag integer)
), held as materialized (
    select user_id, day, bit_or(1 | coalesce(rules.flag, 0)) as flags
    from (
        select user_id, day, event, properties
        from facts_of_people
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
    ) as matching
    left join rules
        on rules.event = matching.event
       and (rules.property is null
            or matching.properties -> rules.property = rules.equals::jsonb
            or starts_with(matching.properties ->> rules.property, rules.prefix))
    group by user_id, day
), placed as (
    select windows.place, held.user_id, bit_or(held.flags) as flags
    from unnest(%(firsts)s::date[], %(lasts)s::date[]) with ordinality as windows (first, last, place)
    join held on held.day between windows.first and windows.last
    group by windows.place, held.user_id
)
select place, kind, count(*) as people
from placed
join (select 1 as kind union select flag from rules) as kinds on placed.flags & kinds.kind <> 0
group by place, kind
order by place, kind
