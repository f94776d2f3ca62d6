-- The image that has waited longest and is due.
-- params: now timestamptz, sources_only boolean (none whose bytes are here already)
-- columns: user_id uuid, timestamp timestamptz, dedupe_key bigint, next_try timestamptz
select user_id, timestamp, dedupe_key, next_try
from images
where state = 'waiting' and next_try <= %(now)s
  and (data is null or not %(sources_only)s)
order by next_try
limit 1
