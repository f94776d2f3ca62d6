-- How often each value of a countable property came in a range.
-- params: app_id smallint, first date, last date, event text, property text
-- columns: key text, count bigint
select case when label = '' then 'unknown' else label end as key, sum(n)::bigint as count
from daily_values
where app_id = %(app_id)s::smallint and dim = 'none' and value = ''
  and day between %(first)s::date and %(last)s::date
  and event = %(event)s::text and property = %(property)s::text
group by 1
order by 2 desc, 1
