-- One property of one event by value ('': absent or not text).
-- params: app_id smallint, dim text, value text, first date, last date, event text, property text
-- columns: key text, count numeric
select label as key, sum(n) as count
from daily_values
where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
  and day between %(first)s::date and %(last)s::date
  and event = %(event)s and property = %(property)s
group by label
having sum(n) <> 0
