-- Takes an app's events of a span out of events and into `packing`, in chunks of at most `most` events and
-- about `bytes` bytes of properties. What is still to be folded, or could not be, stays.
-- params: app_id smallint, since timestamptz, until timestamptz (exclusive), most integer, bytes integer
-- columns: none
with uncounted as materialized (
    select timestamp, user_id, dedupe_key from set_aside where kind = 'event'
    union
    select item.timestamp, item.user_id, item.dedupe_key
    from outbox, unnest(user_ids, timestamps, dedupe_keys) as item (user_id, timestamp, dedupe_key)
    where kind = 'event'
), gone as (
    delete from events
    where app_id = %(app_id)s::smallint and timestamp >= %(since)s::timestamptz and timestamp < %(until)s::timestamptz
      and event <> 'error_handled'
      and (timestamp, user_id, dedupe_key) not in (select timestamp, user_id, dedupe_key from uncounted)
    returning *
)
insert into packing
select (row_number() over person - 1) / %(most)s::integer,
       sum(coalesce(pg_column_size(properties), 0)) over person / %(bytes)s::integer,
       timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country, session_id,
       properties, channel
from gone
window person as (order by user_id, timestamp, dedupe_key rows between unbounded preceding and current row)
