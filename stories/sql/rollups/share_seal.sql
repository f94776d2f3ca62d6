-- A share that could not be counted is not carried: its days can be checked no more.
-- params: none
-- columns: none
insert into sealed_days (app_id, day, carried)
select app_id, (held.timestamp at time zone apps.timezone)::date, false
from (
    select app_id, timestamp from erased_keys join held_events using (user_id, timestamp, dedupe_key)
    where kind = 'event'
    union all
    select app_id, timestamp from erased_keys join crashes using (user_id, timestamp, dedupe_key)
    where kind = 'crash'
) as held join apps using (app_id)
group by 1, 2
on conflict (app_id, day) do update set carried = false
