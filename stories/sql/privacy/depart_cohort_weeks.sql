-- A person's share of the cohorts moves to `departed`; weeks before the ones held in full stay.
-- params: user_id uuid, app_id smallint
-- columns: none
insert into cohort_weeks (app_id, first_week, week, departed, people)
select weeks.app_id, weeks.first_week, weeks.week, moved.departed, moved.people
from (
    select distinct days.app_id, date_trunc('week', people.first_day)::date as first_week,
           date_trunc('week', days.day)::date as week
    from person_days as days
    join users as people using (user_id, app_id)
    join apps using (app_id)
    where user_id = %(user_id)s::uuid and people.first_day is not null and days.flags & 1 <> 0
      and date_trunc('week', days.day) >= date_trunc('week', greatest(whole_since, '1970-01-01'))
      and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
) as weeks, (values (false, -1), (true, 1)) as moved (departed, people)
on conflict (app_id, first_week, week, departed)
    do update set people = cohort_weeks.people + excluded.people
