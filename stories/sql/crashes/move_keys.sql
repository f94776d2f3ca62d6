-- Names crashes and handled errors (kind: as the outbox has them) that get another fingerprint, as `moves` and as
-- the slice of which their share is counted. What was set aside or is held was not counted.
-- params: kinds text[], user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[],
--   fingerprints bytea[], formers bytea[] (one for each; a former may be null)
-- columns: none
with named as (
    insert into moves
    select * from unnest(%(kinds)s::text[], %(user_ids)s::uuid[], %(timestamps)s::timestamptz[],
                         %(dedupe_keys)s::bigint[], %(fingerprints)s::bytea[],
                         %(formers)s::bytea[])
    returning *
)
insert into slice_keys
select kind, user_id, timestamp, dedupe_key from named
where (kind, user_id, timestamp, dedupe_key)
    not in (
        select kind, user_id, timestamp, dedupe_key from set_aside
        union all
        select kind, user_ids[1], timestamps[1], dedupe_keys[1] from outbox where held_until is not null
    )
