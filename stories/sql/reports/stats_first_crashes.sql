-- Seconds from people's first event to their first crash, where that crash is in the range and not
-- before the event. The bounds in time are a day wide of the range so that the index serves; the days
-- decide.
-- params: app_id smallint, timezone text, first date, last date
-- columns: median double precision, mean numeric, people bigint
select percentile_cont(0.5) within group (order by extract(epoch from first_crash - first_seen))
           as median,
       avg(extract(epoch from first_crash - first_seen)) as mean,
       count(*) as people
from users
where app_id = %(app_id)s and first_crash >= first_seen
  and first_crash >= %(first)s::timestamp at time zone 'UTC' - interval '1 day'
  and first_crash < %(last)s::timestamp at time zone 'UTC' + interval '2 days'
  and (first_crash at time zone %(timezone)s)::date between %(first)s::date and %(last)s::date
