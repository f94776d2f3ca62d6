-- People with an event of one version, platform, family, country or segment in a range, by the country they have now.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: country text ('': none named), people bigint
select coalesce(country, '') as country, count(*) as people
from (
    -- The offset keeps the planner from looking people up one by one: it knows nothing of how many match.
    select user_id, country from users
    where app_id = %(app_id)s and last_day >= %(first)s::date and first_day <= %(last)s::date
    offset 0
) as present
where user_id in (
    select user_id from person_days
    where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date
      and case when %(dim)s = 'segment' then segments & (
          select 1 << place from segments as asked
          where asked.app_id = %(app_id)s and segment_id::text = %(value)s) <> 0
      else case %(dim)s when 'version' then versions when 'country' then countries else platforms end
          && (select array_agg(value) from facets
              where app_id = %(app_id)s and dim = case %(dim)s when 'family' then 'platform' else %(dim)s end
                and (value = %(value)s or %(dim)s = 'family' and platform_family(value) = %(value)s)) end
)
group by country
