-- Events by day and name.
-- params: app_id smallint, first date, last date
-- columns: day date, event text, count bigint
select day, event, sum(n)::bigint as count
from daily_events
where app_id = %(app_id)s::smallint and dim = 'none' and value = ''
  and day between %(first)s::date and %(last)s::date
group by 1, 2
order by 1, 2
