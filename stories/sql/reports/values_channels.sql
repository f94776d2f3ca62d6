-- Channels of an app's latest events, most frequent first.
-- params: app_id smallint, events integer (that are read), most integer
-- columns: value text, count bigint
select coalesce(channel, 'release') as value, count(*) as count
from (
    select channel from latest_events(%(app_id)s::smallint, %(events)s::integer)
) as latest
group by 1
order by count desc, value
limit %(most)s::integer
