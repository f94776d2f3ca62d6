-- Events of a range of days by name.
-- params: app_id smallint, first date, last date
-- columns: event text, n numeric
select event, sum(n) as n
from daily_events
where app_id = %(app_id)s and dim = 'none' and value = '' and day between %(first)s and %(last)s
group by event
