-- The people of a range by what they run and where: the version, platform and country of their latest event
-- that names one, as top_countries has the ten with most people. Under a filter, of the people active with its value.
-- params: app_id smallint, first date, last date, version text, platform text, country text
-- columns: what text, key text, people bigint
with active as (
    select users.app_version, users.platform, users.country
    from users
    where users.app_id = %(app_id)s::smallint
      and users.last_day >= %(first)s::date
      and exists (
          select 1 from person_days
          where person_days.user_id = users.user_id
            and person_days.app_id = users.app_id
            and person_days.day between %(first)s::date and %(last)s::date
            and person_days.events > 0
            and (%(version)s::text is null or person_days.versions::text[] @> array[%(version)s::text])
            and (%(platform)s::text is null or person_days.platforms::text[] @> array[%(platform)s::text])
            and (%(country)s::text is null or person_days.countries::text[] @> array[%(country)s::text]))
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
