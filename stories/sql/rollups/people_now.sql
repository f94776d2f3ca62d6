-- People by last day, country and auto_paste: from what they were to what they are.
-- params: none
-- columns: none
insert into people_now (app_id, last_day, country, auto_paste, people)
select app_id, last_day, country, auto_paste, sum(people)
from (
    select app_id, was_last as last_day, coalesce(was_country, '') as country,
           was_auto_paste as auto_paste, -1 as people
    from new_people where was_last is not null
    union all
    select app_id, last_day, coalesce(country, ''), auto_paste, 1
    from new_people where last_day is not null
) as changes
group by app_id, last_day, country, auto_paste
having sum(people) <> 0
on conflict (app_id, last_day, country, auto_paste, departed)
    do update set people = people_now.people + excluded.people
