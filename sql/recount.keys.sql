-- The keys of what has been folded, of one span of time.
-- params: since timestamptz, until timestamptz
-- columns: none
insert into slice_keys
select 'event', user_id, timestamp, dedupe_key
from events
where timestamp >= %(since)s and timestamp < %(until)s
  and not exists (select from pending
                  where kind = 'event'
                    and (pending.user_id, pending.timestamp, pending.dedupe_key)
                      = (events.user_id, events.timestamp, events.dedupe_key))
union all
select 'crash', user_id, timestamp, dedupe_key
from crashes
where timestamp >= %(since)s and timestamp < %(until)s
  and not exists (select from pending
                  where kind = 'crash'
                    and (pending.user_id, pending.timestamp, pending.dedupe_key)
                      = (crashes.user_id, crashes.timestamp, crashes.dedupe_key))
