-- The crash or handled error with frames that has been held longest.
-- params: none
-- columns: id bigint, kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, attempts smallint
select id, kind, user_ids[1] as user_id, timestamps[1] as timestamp, dedupe_keys[1] as dedupe_key, attempts
from outbox
where held_until is not null and not follows
order by id
limit 1
