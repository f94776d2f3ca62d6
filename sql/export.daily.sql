-- An app's daily counts by event since a day: the report that every kind has.
-- params: app_id smallint, since timestamptz
-- columns: date date, event text, count bigint
select day as date, event, n as count
from daily_events
where app_id = %(app_id)s and dim = 'none' and value = '' and day >= (%(since)s::timestamptz at time zone 'UTC')::date
order by day, event
