-- A person's crashes, in order of time.
-- params: user_id uuid, app_id smallint
-- columns: app text, crash_type text, timestamp timestamptz, error_message text, stack_trace text,
--   context jsonb, app_version text, os_version text, session_id text, channel text, received_at timestamptz
select apps.slug as app, crash_type, timestamp, error_message, stack_trace, context, app_version,
       os_version, session_id, channel, received_at
from crashes join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp, dedupe_key
