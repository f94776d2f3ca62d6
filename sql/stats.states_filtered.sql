-- As stats.states, for people with an event of one version, platform or country in the range.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: country text, auto_paste boolean, people bigint
select coalesce(users.country, '') as country, users.auto_paste, count(*) as people
from (
    select distinct user_id
    from person_days
    where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date
      and %(value)s = any (case %(dim)s when 'version' then versions
                                        when 'platform' then platforms
                                        else countries end)
) as people
join users on users.app_id = %(app_id)s and users.user_id = people.user_id
group by 1, 2
