-- How many days with events an app has, and how many of them are counted by its segment.
-- params: segment_id integer
-- columns: days bigint, filled bigint
select count(*) as days, count(*) filter (where days.day <= segments.filled_until) as filled
from segments cross join lateral (
    select distinct day from daily_events
    where daily_events.app_id = segments.app_id and dim = 'none' and value = ''
) as days
where segment_id = %(segment_id)s
