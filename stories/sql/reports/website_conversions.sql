-- The latest conversions of a range of days, testers' left out.
-- params: source relation (reports/windows.py), app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean, limit integer
-- columns: type text, path text, value jsonb, timestamp timestamptz
select properties ->> 'action' as type, properties ->> 'path' as path,
       properties -> 'value' as value, timestamp
from %(source)s as events
where app_id = %(app_id)s and event = 'conversion' and timestamp >= %(start)s and timestamp < %(end)s
  and %(matches)s
  and user_id not in (select user_id from testers where app_id is null or app_id = %(app_id)s)
order by timestamp desc, user_id, dedupe_key
limit %(limit)s
