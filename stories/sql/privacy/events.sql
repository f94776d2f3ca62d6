-- A person's events, in order of time.
-- params: user_id uuid, app_id smallint
-- columns: app text, event text, timestamp timestamptz, properties jsonb, app_version text,
--   platform text, country text, session_id text, channel text, received_at timestamptz
select apps.slug as app, event, timestamp, properties, app_version, platform, country, session_id, channel,
       received_at
from events_of(%(user_id)s::uuid, %(app_id)s::smallint) join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp, dedupe_key
