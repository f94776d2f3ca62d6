-- As stats_traits, for a range that ended before today: people_now does not say who was there between
-- two days, so the people still held are asked.
-- params: app_id smallint, first date, last date
-- columns: country text, auto_paste boolean, people bigint
select coalesce(country, '') as country, auto_paste, count(*) as people
from users
where app_id = %(app_id)s
  and last_day >= %(first)s::date and first_day <= %(last)s::date
  and (last_day <= %(last)s::date or first_day >= %(first)s::date or exists (
      select 1 from person_days as days
      where days.user_id = users.user_id and days.app_id = users.app_id
        and days.day between %(first)s::date and %(last)s::date and days.flags & 1 <> 0
  ))
group by 1, 2
