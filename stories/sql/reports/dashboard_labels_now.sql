-- The people of a range that ends today by what they run and where: the version, platform and country of their
-- latest event that names one ('': none). Those last seen since its first day, less those only seen after its last
-- (clocks that run ahead).
-- params: app_id smallint, first date, last date
-- columns: what text, key text, people bigint
with ahead as materialized (
    select app_version, platform, country
    from users
    where app_id = %(app_id)s::smallint and last_day > %(last)s::date
      and (select min(day) from person_days as days
           where days.user_id = users.user_id and days.app_id = users.app_id and days.day >= %(first)s::date
             and flags & 1 <> 0) > %(last)s::date
)
select what, key, sum(people)::bigint as people
from (
    select replace(dim, 'now_', '') as what, value as key, people
    from facets join people_now using (app_id, facet)
    where app_id = %(app_id)s::smallint and dim in ('now_version', 'now_platform') and last_day >= %(first)s::date
    union all
    select 'country', country, people
    from people_now
    where app_id = %(app_id)s::smallint and facet = 0 and last_day >= %(first)s::date
    union all
    select what, coalesce(key, ''), -1
    from ahead, lateral (values ('version', app_version), ('platform', platform), ('country', country)) as said (what, key)
) as counted
group by what, key
having sum(people) <> 0
order by 1, 3 desc, 2
