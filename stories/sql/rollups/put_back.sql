-- Puts a part of what was taken back into the outbox, behind what waits there.
-- params: first bigint, last bigint
-- columns: none
insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
select kind, count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
from taken_keys
where place between %(first)s and %(last)s
group by kind, place / 500
