-- The keys of an app's events, and with its crashes if they are wanted, in a span of time that have been folded.
-- params: app_id smallint, since timestamptz, until timestamptz (exclusive), crashes boolean
-- columns: none
with uncounted as materialized (
    select kind, timestamp, user_id, dedupe_key from set_aside
    union
    select kind, item.timestamp, item.user_id, item.dedupe_key
    from outbox, unnest(user_ids, timestamps, dedupe_keys) as item (user_id, timestamp, dedupe_key)
)
insert into slice_keys
select kind, user_id, timestamp, dedupe_key
from (
    select 'event' as kind, user_id, timestamp, dedupe_key
    from held_events
    where app_id = %(app_id)s and timestamp >= %(since)s and timestamp < %(until)s
    union all
    select 'crash', user_id, timestamp, dedupe_key
    from crashes
    where %(crashes)s and app_id = %(app_id)s and timestamp >= %(since)s and timestamp < %(until)s
) as held
where (kind, user_id, timestamp, dedupe_key) not in (select kind, user_id, timestamp, dedupe_key from uncounted)
