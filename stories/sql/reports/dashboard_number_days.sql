-- A countable number by day, with its histogram (see daily_numbers).
-- params: app_id smallint, first date, last date, event text, property text
-- columns: day date, n bigint, total numeric, histogram integer[]
select day, n, total, histogram
from daily_numbers
where app_id = %(app_id)s::smallint and dim = 'none' and value = ''
  and day between %(first)s::date and %(last)s::date
  and event = %(event)s::text and property = %(property)s::text
order by day
