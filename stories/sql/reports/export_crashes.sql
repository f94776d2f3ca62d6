-- An app's crashes within a time, oldest first.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean
-- columns: timestamp timestamptz, user_id uuid, crash_type text, app_version text, os_version text,
--   session_id text, error_message text, stack_trace text, context jsonb, received_at timestamptz
select timestamp, user_id, crash_type, app_version, os_version, session_id, error_message,
       stack_trace, context, received_at
from crashes
where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
order by app_id, timestamp
