-- As dashboard_event_days, of the matching events.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean
-- columns: day date, event text, count bigint
select day, event, count(*) as count
from facts
where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
group by day, event
order by day, event
