-- The keys of an app's events in a span of time that have been folded.
-- params: app_id smallint, since timestamptz, until timestamptz (exclusive)
-- columns: none
with uncounted as materialized (
    select timestamp, user_id, dedupe_key from set_aside where kind = 'event'
    union
    select item.timestamp, item.user_id, item.dedupe_key
    from outbox, unnest(user_ids, timestamps, dedupe_keys) as item (user_id, timestamp, dedupe_key)
    where kind = 'event'
)
insert into slice_keys
select 'event', user_id, timestamp, dedupe_key
from events
where app_id = %(app_id)s and timestamp >= %(since)s and timestamp < %(until)s
  and (user_id, timestamp, dedupe_key) not in (select user_id, timestamp, dedupe_key from uncounted)
