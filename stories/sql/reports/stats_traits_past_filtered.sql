-- As stats_traits_past, of the people with an event of one version, platform, family, country or segment in the range.
-- params: app_id smallint, dim text, value text, names text[] (the value; of a family its platforms), bit integer
--   (of a segment), first date, last date, named_first date, named_last date (the days on which it was named at all: of
--   a version a few months)
-- columns: country text ('': none named), auto_paste boolean (null: never toggled), people bigint
select coalesce(country, '') as country, auto_paste, count(*) as people
from (
    -- The offset keeps the planner from looking people up one by one: it knows nothing of how many match.
    select user_id, country, auto_paste from users
    where app_id = %(app_id)s and last_day >= %(first)s::date and first_day <= %(last)s::date
    offset 0
) as present
where user_id in (
    select user_id from person_days
    where app_id = %(app_id)s and day between greatest(%(first)s::date, %(named_first)s::date)
                                         and least(%(last)s::date, %(named_last)s::date)
      and case %(dim)s when 'segment' then segments & %(bit)s::integer <> 0
                       when 'version' then %(value)s = any (versions::text[])  -- a third cheaper than an overlap
                       when 'country' then %(value)s = any (countries::text[])
                       else platforms::text[] && %(names)s::text[] end
)
group by country, auto_paste
