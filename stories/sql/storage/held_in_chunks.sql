-- Which of some keys are in chunks.
-- params: app_ids smallint[], user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[] (one of each a key)
-- columns: user_id uuid, timestamp timestamptz, dedupe_key bigint
select user_id, timestamp, dedupe_key
from unnest(%(user_ids)s::uuid[], %(timestamps)s::timestamptz[], %(dedupe_keys)s::bigint[])
    with ordinality as sent (user_id, timestamp, dedupe_key, place)
where place in (
    select * from places_in_chunks(%(app_ids)s::smallint[], %(user_ids)s::uuid[], %(timestamps)s::timestamptz[],
                                   %(dedupe_keys)s::bigint[])
)
