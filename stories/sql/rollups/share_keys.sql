-- The keys of a person's oldest events and crashes: all into `erased_keys`, and into `slice_keys` those that
-- have been counted. Returns how many are to be erased.
-- params: user_id uuid, app_id smallint (null: in every app), most integer
-- columns: keys bigint
with held as materialized (
    select 'event' as kind, user_id, timestamp, dedupe_key from (
        select * from held_events
        where user_id = %(user_id)s::uuid
          and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
        order by timestamp limit %(most)s
    ) as oldest_events
    union all
    select 'crash', user_id, timestamp, dedupe_key from (
        select * from crashes
        where user_id = %(user_id)s::uuid
          and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
        order by timestamp limit %(most)s
    ) as oldest_crashes
), uncounted as materialized (
    select kind, timestamp, dedupe_key from set_aside where user_id = %(user_id)s::uuid
    union
    select outbox.kind, item.timestamp, item.dedupe_key
    from outbox, unnest(user_ids, timestamps, dedupe_keys) as item (user_id, timestamp, dedupe_key)
    where %(user_id)s::uuid = any (outbox.user_ids) and item.user_id = %(user_id)s::uuid
), erased as (
    insert into erased_keys select * from held
), counted as (
    insert into slice_keys select * from held
    where (kind, timestamp, dedupe_key) not in (select kind, timestamp, dedupe_key from uncounted)
)
select count(*) as keys from held
