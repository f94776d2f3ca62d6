-- People by the week of their first event and each week they were active in. A first week that moved
-- back takes all the person's weeks along; only then are all the days of a person read.
-- Days held are asked for by whole rows, so that only the primary key will do: while the table had no
-- statistics yet, the planner took the index by day, a hundred times slower.
-- params: none
-- columns: none
with people as (
    select app_id, user_id, date_trunc('week', was_first)::date as was_week,
           date_trunc('week', first_day)::date as first_week
    from new_people where first_day is not null
), moved as (
    select people.app_id, was_week, first_week, date_trunc('week', days.day)::date as week
    from people join held_days as days using (user_id, app_id)
    where was_week <> first_week and days.flags & 1 <> 0
    group by people.user_id, people.app_id, was_week, first_week, 4
), fresh as (
    select app_id, user_id, date_trunc('week', day)::date as week
    from new_days where flags & 1 <> 0
    group by 1, 2, 3
), changes as (
    select people.app_id, first_week, fresh.week, 1 as people
    from people join fresh using (app_id, user_id)
    where not exists (select from held_days as held
                      where (held.user_id, held.app_id, held.day) >= (fresh.user_id, fresh.app_id, fresh.week)
                        and (held.user_id, held.app_id, held.day) < (fresh.user_id, fresh.app_id, fresh.week + 7)
                        and held.flags & 1 <> 0)
    union all
    select app_id, was_week, week, -1 from moved
    union all
    select app_id, first_week, week, 1 from moved
)
insert into cohort_weeks (app_id, first_week, week, people)
select app_id, first_week, week, sum(people)
from changes
group by app_id, first_week, week
having sum(people) <> 0
on conflict (app_id, first_week, week, departed)
    do update set people = cohort_weeks.people + excluded.people
