-- People with an event in a range that ends today, by the country and auto_paste they have now: those
-- last seen since its first day, less those only seen after its last (clocks that run ahead).
-- params: app_id smallint, first date, last date
-- columns: country text ('': none named), auto_paste boolean (null: never toggled), people numeric
select country, auto_paste, sum(people) as people
from (
    select country, auto_paste, people
    from people_now
    where app_id = %(app_id)s and last_day >= %(first)s::date
    union all
    select coalesce(country, ''), auto_paste, -1
    from users
    where app_id = %(app_id)s and last_day > %(last)s::date
      and not exists (
          select 1 from person_days as days
          where days.user_id = users.user_id and days.app_id = users.app_id
            and days.day between %(first)s::date and %(last)s::date and days.flags & 1 <> 0
      )
) as counted
group by country, auto_paste
having sum(people) <> 0
