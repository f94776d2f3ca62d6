-- An app's daily counts by event over a range of days: the report that every kind has.
-- params: app_id smallint, first date, last date
-- columns: date date, event text, count bigint
select day as date, event, n as count
from daily_events
where app_id = %(app_id)s and dim = 'none' and value = '' and day between %(first)s and %(last)s
order by day, event
