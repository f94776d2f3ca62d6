-- A person's images, in order of time; data is what is not stored elsewhere yet, in base64.
-- params: user_id uuid, app_id smallint
-- columns: app text, timestamp timestamptz, image_id text, state text, source_url text, image_url text,
--   content_type text, data text
select apps.slug as app, timestamp, image_id::text as image_id, state, source_url, image_url,
       content_type, encode(data, 'base64') as data
from images join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp, dedupe_key
