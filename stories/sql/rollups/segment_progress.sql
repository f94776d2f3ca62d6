-- How many days a segment has to be counted on, and on how many it is.
-- params: segment_id integer
-- columns: days bigint, filled bigint
select count(*) as days, count(*) filter (where day <= filled_until) as filled
from segments, lateral (
    select distinct day from daily_events as counted
    where counted.app_id = segments.app_id and dim = 'none' and value = ''
) as active
where segment_id = %(segment_id)s
