-- The share that `leaving` people have of people_now moves to `departed`.
-- params: none
-- columns: none
insert into people_now (app_id, last_day, country, auto_paste, departed, people)
select app_id, last_day, coalesce(country, ''), auto_paste, moved.departed, count(*) * moved.sign
from leaving join users using (user_id, app_id), (values (false, -1), (true, 1)) as moved (departed, sign)
where last_day is not null
group by app_id, last_day, coalesce(country, ''), auto_paste, moved.departed, moved.sign
on conflict (app_id, last_day, country, auto_paste, departed)
    do update set people = people_now.people + excluded.people
