-- Events by name.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: key text, count numeric
select event as key, sum(n) as count
from daily_events
where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
  and day between %(first)s::date and %(last)s::date
group by event
having sum(n) <> 0
