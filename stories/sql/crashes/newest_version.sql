-- The newest version of an app that people really use: of those with a fiftieth of the busiest one's people in
-- the last week that had any, and of those marked as released, the highest; of versions without numbers the
-- one released, or first seen, last. A tester's build of 999.9.9 is no release.
-- params: app_id smallint
-- columns: version text
with week as (
    select max(day) - 6 as first from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version'
), used as (
    select value as version, sum(n) as people
    from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version' and value <> 'other'
      and day >= (select first from week)
    group by value
), candidates as (
    select version from used where people * 50 >= (select max(people) from used)
    union
    select version from releases where app_id = %(app_id)s::smallint and released_at <= now()
)
select version
from candidates left join (select * from releases where app_id = %(app_id)s::smallint) as held using (version)
order by coalesce(held.version_key, version_key(version)) desc nulls last,
         coalesce(released_at, first_seen) desc nulls last, version desc
limit 1
