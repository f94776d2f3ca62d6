-- As dashboard_labels_of_people, of the people of a family of platforms or of a segment (stats_traits_past_filtered).
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: what text, key text, people bigint
with told as materialized (
    select (select 1 << place from segments
            where app_id = %(app_id)s and %(dim)s = 'segment' and segment_id::text = %(value)s) as bit,
           (select array_agg(value) from facets
            where app_id = %(app_id)s and dim = 'platform'
              and platform_family(value) = %(value)s) as names
), active as materialized (
    select app_version, platform, country
    from (
        select user_id, app_version, platform, country from users
        where app_id = %(app_id)s and last_day >= %(first)s::date and first_day <= %(last)s::date
        offset 0
    ) as present
    where user_id in (
        select user_id from person_days
        where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date and events > 0
          and case when %(dim)s = 'segment' then segments & (select told.bit from told) <> 0
                   else platforms::text[] && (select told.names from told) end
    )
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
