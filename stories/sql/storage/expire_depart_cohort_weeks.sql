-- The same for the cohorts: only the week that the cutoff falls into can still be recounted.
-- params: app_id smallint, cutoff timestamptz, horizon date
-- columns: none
with leaving as (
    select weeks.app_id, first_week, week, count(*) as people
    from (
        select distinct days.app_id, days.user_id, date_trunc('week', people.first_day)::date as first_week,
               date_trunc('week', days.day)::date as week
        from person_days as days join users as people using (user_id, app_id)
        where days.app_id = %(app_id)s and people.first_day is not null and days.flags & 1 <> 0
          and greatest(people.last_seen, people.last_crash) < %(cutoff)s
          and days.day >= date_trunc('week', %(horizon)s::date)
    ) as weeks
    group by weeks.app_id, first_week, week
)
insert into cohort_weeks (app_id, first_week, week, departed, people)
select app_id, first_week, week, moved.departed, leaving.people * moved.sign
from leaving, (values (false, -1), (true, 1)) as moved (departed, sign)
on conflict (app_id, first_week, week, departed)
    do update set people = cohort_weeks.people + excluded.people
