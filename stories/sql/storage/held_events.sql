-- Which events are held as rows of some people, at some times, under some keys.
-- params: user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[]
-- columns: user_id uuid, timestamp timestamptz, dedupe_key bigint
select user_id, timestamp, dedupe_key
from events
where user_id = any(%(user_ids)s::uuid[]) and timestamp = any(%(timestamps)s::timestamptz[])
  and dedupe_key = any(%(dedupe_keys)s::bigint[])
