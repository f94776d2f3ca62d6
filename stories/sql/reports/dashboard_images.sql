-- The latest images of a bot, whatever became of them.
-- params: app_id smallint, limit integer
-- columns: image_id uuid, timestamp timestamptz, state text, image_url text, reason text, client_id text
select images.image_id, images.timestamp, images.state, images.image_url, images.reason,
       external_id as client_id
from images left join external_ids using (user_id, app_id)
where images.app_id = %(app_id)s::smallint
order by images.timestamp desc, images.image_id
limit %(limit)s
