-- As stats_first_crashes, of the people whose first crash of all matches.
-- params: app_id smallint, timezone text, first date, last date, matches boolean
-- columns: median double precision, mean numeric, people bigint
select percentile_cont(0.5) within group (order by extract(epoch from first_crash - first_seen))
           as median,
       avg(extract(epoch from first_crash - first_seen)) as mean,
       count(*) as people
from users
where app_id = %(app_id)s::smallint and first_crash >= first_seen
  and first_crash >= %(first)s::timestamp at time zone 'UTC' - interval '1 day'
  and first_crash < %(last)s::timestamp at time zone 'UTC' + interval '2 days'
  and (first_crash at time zone %(timezone)s)::date between %(first)s::date and %(last)s::date
  and exists (
      select from crash_facts
      where crash_facts.app_id = users.app_id and crash_facts.user_id = users.user_id
        and timestamp = users.first_crash and %(matches)s
  )
