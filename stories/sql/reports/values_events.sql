-- Names of the events that came since a day, most frequent first.
-- params: app_id smallint, first date, most integer
-- columns: value text, count bigint
select event as value, sum(n)::bigint as count
from daily_events
where app_id = %(app_id)s::smallint and dim = 'none' and value = '' and day >= %(first)s::date
group by event
order by count desc, event
limit %(most)s::integer
