-- A person's share of the lifetimes moves to `departed`.
-- params: user_id uuid, app_id smallint
-- columns: none
insert into lifetimes (app_id, first_day, last_day, departed, people)
select app_id, first_day, last_day, moved.departed, moved.people
from users, (values (false, -1), (true, 1)) as moved (departed, people)
where user_id = %(user_id)s::uuid and first_day is not null
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
on conflict (app_id, first_day, last_day, departed)
    do update set people = lifetimes.people + excluded.people
