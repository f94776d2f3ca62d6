-- Whether an app had an event within a span of time.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: has_events boolean
select count(*) > 0 as has_events
from (
    select app_id from events_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz)
    where app_id = %(app_id)s::smallint and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
    limit 1
) as first
