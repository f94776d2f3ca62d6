-- Crashes and handled errors by group and the hour they arrived in, of four weeks and a day. What waited longer than
-- two weeks at its client is left out: it says nothing of the hour.
-- params: none
-- columns: none
insert into group_hours (app_id, fingerprint, hour, n)
select app_id, fingerprint, date_trunc('hour', received_at, 'UTC'), count(*)
from slice
where fingerprint is not null and timestamp > received_at - interval '14 days'
  and received_at > now() - interval '29 days'
group by 1, 2, 3
on conflict (app_id, fingerprint, hour) do update set n = group_hours.n + excluded.n
