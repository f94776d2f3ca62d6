-- The same by day.
-- params: app_id smallint, first date, last date, event text, property text
-- columns: day date, key text, count bigint
select day, case when label = '' then 'unknown' else label end as key, sum(n)::bigint as count
from daily_values
where app_id = %(app_id)s::smallint and dim = 'none' and value = ''
  and day between %(first)s::date and %(last)s::date
  and event = %(event)s::text and property = %(property)s::text
group by 1, 2
order by 1, 2
