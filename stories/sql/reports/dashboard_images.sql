-- The latest images of a bot, whatever became of them.
-- narrowed: only those of matching events.
-- params: app_id smallint, limit integer, narrowed boolean, matches boolean
-- columns: image_id uuid, timestamp timestamptz, state text, image_url text, reason text, client_id text
with held as materialized (
    select user_id, timestamp, dedupe_key from images where app_id = %(app_id)s::smallint
), matching as materialized (
    select user_id, timestamp, dedupe_key
    from (select min(timestamp) as first, max(timestamp) as last from held) as span
    cross join lateral facts_between(%(app_id)s::smallint, span.first, span.last) as facts
    join held using (user_id, timestamp, dedupe_key)
    where app_id = %(app_id)s::smallint and %(matches)s
)
select images.image_id, images.timestamp, images.state, images.image_url, images.reason,
       external_id as client_id
from images left join external_ids using (user_id, app_id)
where images.app_id = %(app_id)s::smallint
  and (not %(narrowed)s::boolean or (images.user_id, images.timestamp, images.dedupe_key) in (
      select user_id, timestamp, dedupe_key from matching
  ))
order by images.timestamp desc, images.image_id
limit %(limit)s
