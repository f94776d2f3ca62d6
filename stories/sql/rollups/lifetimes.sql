-- People by first and last day: from the pair they had to the pair they have.
-- params: none
-- columns: none
insert into lifetimes (app_id, first_day, last_day, people)
select app_id, first_day, last_day, sum(people)
from (
    select app_id, was_first as first_day, was_last as last_day, -1 as people
    from new_people where was_first is not null
    union all
    select app_id, first_day, last_day, 1 from new_people where first_day is not null
) as changes
group by app_id, first_day, last_day
having sum(people) <> 0
on conflict (app_id, first_day, last_day, departed)
    do update set people = lifetimes.people + excluded.people
