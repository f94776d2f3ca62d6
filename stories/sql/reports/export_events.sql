-- An app's events within a time, oldest first.
-- params: source relation (reports/windows.py), app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean
-- columns: timestamp timestamptz, user_id uuid, event text, app_version text, platform text,
--   country text, session_id text, properties jsonb, received_at timestamptz
select timestamp, user_id, event, app_version, platform, country, session_id, properties, received_at
from %(source)s as events
where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
order by app_id, timestamp
