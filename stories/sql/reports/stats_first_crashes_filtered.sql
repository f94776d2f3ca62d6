-- As stats_first_crashes, of the people whose first crash of all matches. Two crashes of one moment are told apart last,
-- when few are left.
-- params: app_id smallint, timezone text, first date, last date, matches boolean
-- columns: median double precision, mean numeric, people bigint
with matching as materialized (
    select user_id, timestamp
    from crash_facts_of_people
    where app_id = %(app_id)s and %(matches)s
      and timestamp >= %(first)s::timestamp at time zone 'UTC' - interval '1 day'
      and timestamp < %(last)s::timestamp at time zone 'UTC' + interval '2 days'
), people as (
    select distinct users.user_id, first_crash, first_seen
    from users join matching on matching.user_id = users.user_id and matching.timestamp = users.first_crash
    where app_id = %(app_id)s::smallint and first_crash >= first_seen
      and (first_crash at time zone %(timezone)s)::date between %(first)s::date and %(last)s::date
)
select percentile_cont(0.5) within group (order by extract(epoch from first_crash - first_seen))
           as median,
       avg(extract(epoch from first_crash - first_seen)) as mean,
       count(*) as people
from people
