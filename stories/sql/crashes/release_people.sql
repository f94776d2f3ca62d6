-- People by version over a range of days: how many used it on last_day for the last time, and were crashed
-- by it on last_crash for the last time (null: never). Added up from a day on, they are the distinct people
-- from that day on. `limit` versions, those with most people by day.
-- params: app_id smallint, first date, last date, limit integer
-- columns: version text, last_day date, last_crash date, people bigint
with named as materialized (
    select value as version
    from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version'
      and day between %(first)s::date and %(last)s::date and value <> 'other'
    group by value
    order by sum(n) desc, value
    limit %(limit)s
)
select version, last_day, last_crash, count(*) as people
from (
    select version, user_id, max(day) as last_day, max(crash_day) as last_crash
    from (
        select user_id, version,
               day, case when version = any (crash_versions) then day end as crash_day
        from (
            select user_id, day, crash_versions,
                   unnest(case when versions @> crash_versions then versions
                               else union_of(versions, crash_versions) end) collate "C" as version
            from person_days
            where app_id = %(app_id)s::smallint
              and day between %(first)s::date and %(last)s::date
        ) as used
    ) as by_version
    where version in (select version from named)
    group by version, user_id
) as per_person
group by version, last_day, last_crash
