-- What was stored on each of the last 14 days, by the day of the event: today's growth.
-- params: first date
-- columns: day date, events bigint
select day, sum(n)::bigint as events
from daily_events
where dim = 'none' and value = '' and day >= %(first)s::date
group by day
order by day
