-- The share that `leaving` people have of the lifetimes moves to `departed`: the sums stay.
-- params: none
-- columns: none
insert into lifetimes (app_id, first_day, last_day, departed, people)
select app_id, first_day, last_day, moved.departed, count(*) * moved.sign
from leaving join users using (user_id, app_id), (values (false, -1), (true, 1)) as moved (departed, sign)
where first_day is not null
group by app_id, first_day, last_day, moved.departed, moved.sign
on conflict (app_id, first_day, last_day, departed)
    do update set people = lifetimes.people + excluded.people
