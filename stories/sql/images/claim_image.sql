-- Takes the image that has waited longest, for as long as its lease lasts; others pass it by.
-- params: now timestamptz, until timestamptz (end of the lease), sources_only boolean (none whose
--   bytes are here already)
-- columns: image_id uuid, user_id uuid, attempts integer, source_url text, data bytea
with mine as (
    select user_id, timestamp, dedupe_key
    from images
    where state = 'waiting' and next_try <= %(now)s
      and (data is null or not %(sources_only)s)
    order by next_try
    limit 1
    for update skip locked
)
update images set next_try = %(until)s, attempts = attempts + 1
from mine
where (images.user_id, images.timestamp, images.dedupe_key)
    = (mine.user_id, mine.timestamp, mine.dedupe_key)
returning image_id, images.user_id, attempts, source_url, data
