-- What releases have of the matching events and crashes, in one reading of them:
-- part 'active': people with any of them; part 'people': by version and the day
-- on which they used it or it crashed them for the last time; part 'crashes': crashes by version; part 'day': people and crashes of one version by day, as release_days (version null: of none).
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean, crash_matches boolean,
--   version text, limit integer (of versions in 'people', those with most people by day)
-- columns: part text, version text, day date, people bigint, crashed bigint, crashes bigint
with held as materialized (
    select version, user_id, day, sum(crashes)::bigint as crashes
    from (
        select app_version as version, user_id, day, 0 as crashes
        from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
        union all
        select nullif(app_version, ''), user_id, day, 1
        from crash_facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(crash_matches)s
    ) as dated
    group by version, user_id, day
), named as materialized (
    select version from held
    where version is not null and is_person(user_id)
    group by version
    order by count(*) desc, version
    limit %(limit)s
), by_person as (
    select version, user_id, max(day) as last_day, max(day) filter (where crashes > 0) as last_crash
    from held
    where is_person(user_id) and (version in (select version from named) or version = %(version)s::text)
    group by version, user_id
)
select 'active' as part, null::text as version, null::date as day, count(distinct user_id) as people,
       null::bigint as crashed, null::bigint as crashes
from held
where is_person(user_id)
union all
select 'people', version, last.day, count(*) filter (where not is_crash), count(*) filter (where is_crash), null
from by_person, lateral (values (last_day, false), (last_crash, true)) as last (day, is_crash)
where last.day is not null
group by version, last.day
union all
select 'crashes', version, null, null, null, sum(crashes)::bigint
from held
where version is not null
group by version
union all
select 'day', version, day, count(*) filter (where is_person(user_id)), null, sum(crashes)::bigint
from held
where version = %(version)s::text
group by version, day
