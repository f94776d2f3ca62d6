-- Takes the oldest outbox rows, but for those that are held, and puts the keys they name into `slice_keys`. Crashes that
-- were held for as long as may be are mapped later, as stored ones are.
-- params: most integer (events, more or less)
-- columns: taken bigint (keys)
with due as (
    select id
    from (
        select id, sum(n) over (order by id) - n as before
        from (
            select id, n from outbox where held_until is null or held_until <= now() order by id limit 5000
        ) as oldest
    ) as counted
    where before < %(most)s
), taken as (
    delete from outbox
    where id in (select id from due)
    returning kind, user_ids, timestamps, dedupe_keys, held_until, held_app, follows, attempts
), named as (
    insert into slice_keys
    select taken.kind, item.user_id, item.timestamp, item.dedupe_key
    from taken,
         unnest(taken.user_ids, taken.timestamps, taken.dedupe_keys)
             as item (user_id, timestamp, dedupe_key)
), late as (
    insert into remap_queue (kind, user_id, timestamp, dedupe_key, app_id)
    select kind, user_ids[1], timestamps[1], dedupe_keys[1], held_app
    from taken
    where held_until is not null and not follows and attempts < 3
    on conflict do nothing
)
select coalesce(sum(cardinality(dedupe_keys)), 0) as taken from taken
