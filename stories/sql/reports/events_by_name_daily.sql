-- Events of each day of a range by name, and those whose `success` is true or false.
-- params: app_id smallint, first date, last date
-- columns: day date, event text, n bigint
select day, event, n
from daily_events
where app_id = %(app_id)s and dim = 'none' and value = '' and day between %(first)s and %(last)s
union all
select day, event || '.' || label, n
from daily_values
where app_id = %(app_id)s and dim = 'none' and value = '' and property = 'success'
  and day between %(first)s and %(last)s
