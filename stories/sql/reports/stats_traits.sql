-- People with an event in a range that ends today, by the country and auto_paste they have now: those
-- last seen since its first day, less those only seen after its last (clocks that run ahead). Under a filter, with an
-- event of its version, platform, family, country or segment.
-- params: app_id smallint, facet integer (0: no filter), dim text, value text, names text[] (the value; of a family its
--   platforms), bit integer (of a segment), first date, last date
-- columns: country text ('': none named), auto_paste boolean (null: never toggled), people numeric
select country, auto_paste, sum(people) as people
from (
    select country, auto_paste, people
    from people_now
    where app_id = %(app_id)s and facet = %(facet)s and last_day >= %(first)s::date
    union all
    select coalesce(country, ''), auto_paste, -1
    from users
    where app_id = %(app_id)s and last_day > %(last)s::date
      and (select min(day) from person_days as days
           where days.user_id = users.user_id and days.app_id = users.app_id and days.day >= %(first)s::date
             and case %(dim)s when 'none' then flags & 1 <> 0
                              when 'segment' then segments & %(bit)s::integer <> 0
                              when 'version' then %(value)s = any (versions::text[])
                              when 'country' then %(value)s = any (countries::text[])
                              else platforms::text[] && %(names)s::text[] end) > %(last)s::date
) as counted
group by country, auto_paste
having sum(people) <> 0
