-- A person's share of people_now moves to `departed`.
-- params: user_id uuid, app_id smallint
-- columns: none
insert into people_now (app_id, last_day, country, auto_paste, departed, people)
select app_id, last_day, coalesce(country, ''), auto_paste, moved.departed, moved.people
from users, (values (false, -1), (true, 1)) as moved (departed, people)
where user_id = %(user_id)s::uuid and last_day is not null
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
on conflict (app_id, last_day, country, auto_paste, departed)
    do update set people = people_now.people + excluded.people
