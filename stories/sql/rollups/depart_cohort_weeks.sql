-- The share that `leaving` people have of the cohorts moves to `departed`; weeks before the ones that are
-- held in full stay: a recount leaves them as they are.
-- params: none
-- columns: none
insert into cohort_weeks (app_id, first_week, week, departed, people)
select app_id, first_week, week, moved.departed, count(*) * moved.sign
from (
    select distinct app_id, user_id, date_trunc('week', users.first_day)::date as first_week,
           date_trunc('week', days.day)::date as week
    from leaving join users using (user_id, app_id) join person_days as days using (user_id, app_id)
         join apps using (app_id)
    where users.first_day is not null and days.flags & 1 <> 0
      and date_trunc('week', days.day) >= date_trunc('week', greatest(apps.whole_since, '1970-01-01'))
) as weeks, (values (false, -1), (true, 1)) as moved (departed, sign)
group by app_id, first_week, week, moved.departed, moved.sign
on conflict (app_id, first_week, week, departed)
    do update set people = cohort_weeks.people + excluded.people
