-- Sessions begun in a range, and how long they lasted together.
-- params: app_id smallint, first date, last date
-- columns: sessions numeric, seconds numeric
select coalesce(sum(sessions), 0) as sessions, coalesce(sum(seconds), 0) as seconds
from daily_sessions
where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date
