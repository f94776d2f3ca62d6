-- The same for people_now.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
with leaving as (
    select app_id, last_day, coalesce(country, '') as country, auto_paste, count(*) as people
    from users
    where app_id = %(app_id)s and last_day is not null
      and greatest(last_seen, last_crash) < %(cutoff)s
    group by 1, 2, 3, 4
)
insert into people_now (app_id, last_day, country, auto_paste, departed, people)
select app_id, last_day, country, auto_paste, moved.departed, leaving.people * moved.sign
from leaving, (values (false, -1), (true, 1)) as moved (departed, sign)
on conflict (app_id, last_day, country, auto_paste, departed)
    do update set people = people_now.people + excluded.people
