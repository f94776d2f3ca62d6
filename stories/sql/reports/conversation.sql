-- A bot user's events in order of time, with their content and images.
-- params: app_id smallint, user_id uuid, last_timestamp timestamptz, last_key bigint, limit integer
-- columns: event_name text, persona_id text, persona_name text, message text, prompt text,
--   negative_prompt text, image_url text, image_state text, meta jsonb, created_at timestamptz,
--   dedupe_key bigint
select events.event as event_name, properties ->> 'persona_id' as persona_id,
       properties ->> 'persona_name' as persona_name, contents.message, contents.prompt,
       contents.negative_prompt, images.image_url, images.state as image_state,
       properties -> 'meta' as meta, events.timestamp as created_at, events.dedupe_key
from events_of(%(user_id)s::uuid, %(app_id)s::smallint) as events
left join contents using (user_id, timestamp, dedupe_key)
left join images using (user_id, timestamp, dedupe_key)
where events.app_id = %(app_id)s and events.user_id = %(user_id)s
  and (%(last_timestamp)s::timestamptz is null
       or (events.timestamp, events.dedupe_key)
        > (%(last_timestamp)s::timestamptz, %(last_key)s::bigint))
order by events.timestamp, events.dedupe_key
limit %(limit)s
