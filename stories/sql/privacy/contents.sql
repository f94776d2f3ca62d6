-- What a person and a bot wrote to each other, in order of time.
-- params: user_id uuid, app_id smallint
-- columns: app text, timestamp timestamptz, message text, prompt text, negative_prompt text
select apps.slug as app, timestamp, message, prompt, negative_prompt
from contents join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp, dedupe_key
