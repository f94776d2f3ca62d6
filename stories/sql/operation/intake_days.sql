-- What was stored on each of the last 14 days, by the day of the event, beside the first day that was
-- ever counted: today's growth.
-- params: first date
-- columns: day date, events bigint, since date
select day, sum(n)::bigint as events,
       (select min(day) from daily_events where dim = 'none' and value = '') as since
from daily_events
where dim = 'none' and value = '' and day >= %(first)s::date
group by day
order by day
