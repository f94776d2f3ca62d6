-- Puts stored crashes into the queue of those that are mapped anew; not those that are held, which are mapped before.
-- params: kinds text[], user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[], app_id smallint
-- columns: none
insert into remap_queue (kind, user_id, timestamp, dedupe_key, app_id)
select kind, user_id, timestamp, dedupe_key, %(app_id)s
from unnest(%(kinds)s::text[], %(user_ids)s::uuid[], %(timestamps)s::timestamptz[], %(dedupe_keys)s::bigint[])
    as wanting (kind, user_id, timestamp, dedupe_key)
where (kind, user_id, timestamp, dedupe_key) not in (
    select kind, user_ids[1], timestamps[1], dedupe_keys[1] from outbox where held_until is not null
)
on conflict (user_id, timestamp, dedupe_key) do update set attempts = 0, since = now()
