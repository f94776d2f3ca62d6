-- Who met which group, how often and when last.
-- params: none
-- columns: none
insert into group_people (user_id, app_id, fingerprint, last_at, n)
select user_id, app_id, fingerprint, max(timestamp), count(*)
from slice
where fingerprint is not null
group by user_id, app_id, fingerprint
on conflict (user_id, app_id, fingerprint) do update set
    last_at = greatest(group_people.last_at, excluded.last_at), n = group_people.n + excluded.n
