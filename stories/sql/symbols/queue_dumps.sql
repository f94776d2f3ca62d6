-- Puts crashes whose minidump was not walked while they waited into the queue of those that are mapped anew.
-- params: none
-- columns: none
insert into remap_queue (kind, user_id, timestamp, dedupe_key, app_id)
select 'crash', user_id, timestamp, dedupe_key, app_id
from minidumps join crashes using (user_id, timestamp, dedupe_key, app_id)
where walked_at is null and at < now() - interval '70 seconds'
on conflict do nothing
