-- People whose last sign is before the cutoff leave; their share of the lifetimes stays as departed.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
with leaving as (
    select app_id, first_day, last_day, count(*) as people
    from users
    where app_id = %(app_id)s and first_day is not null
      and greatest(last_seen, last_crash) < %(cutoff)s
    group by app_id, first_day, last_day
)
insert into lifetimes (app_id, first_day, last_day, departed, people)
select app_id, first_day, last_day, moved.departed, leaving.people * moved.sign
from leaving, (values (false, -1), (true, 1)) as moved (departed, sign)
on conflict (app_id, first_day, last_day, departed)
    do update set people = lifetimes.people + excluded.people
