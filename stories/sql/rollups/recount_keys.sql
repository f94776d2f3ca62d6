-- The keys of what has been folded, of one span of time; not of days that have lost events to expiry,
-- of which some may still be held until their month is dropped.
-- params: since timestamptz, until timestamptz
-- columns: none
with whole as (
    select app_id, whole_since::timestamp at time zone timezone as since from apps
)
insert into slice_keys
select 'event', user_id, timestamp, dedupe_key
from held_events join whole using (app_id)
left join (select * from pending where kind = 'event') as pending using (user_id, timestamp, dedupe_key)
where timestamp >= %(since)s and timestamp < %(until)s and timestamp >= whole.since
  and pending.kind is null
union all
select 'crash', user_id, timestamp, dedupe_key
from crashes join whole using (app_id)
left join (select * from pending where kind = 'crash') as pending using (user_id, timestamp, dedupe_key)
where timestamp >= %(since)s and timestamp < %(until)s and timestamp >= whole.since
  and pending.kind is null
