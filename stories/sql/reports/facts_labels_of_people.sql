-- As dashboard_labels_of_people, of the people with a matching event.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean
-- columns: what text, key text, people bigint
with active as materialized (
    select users.app_version, users.platform, users.country
    from (
        select distinct user_id
        from facts_of_people_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts_of_people
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
    ) as matching
    join users using (user_id)
    where users.app_id = %(app_id)s
)
select 'version' as what, coalesce(app_version, '') as key, count(*) as people
from active group by app_version
union all
select 'platform', coalesce(platform, ''), count(*)
from active group by platform
union all
select 'country', coalesce(nullif(country, 'XX'), ''), count(*)
from active group by 2
order by 1, 3 desc, 2
