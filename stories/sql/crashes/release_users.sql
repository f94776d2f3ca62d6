-- How many people used a version in a range of days, and how many of them it crashed.
-- params: app_id smallint, version text, first date, last date
-- columns: people bigint, crashed bigint
select coalesce(sum(people) filter (where kind < 2), 0)::bigint as people,
       coalesce(sum(people) filter (where kind = 2), 0)::bigint as crashed
from active_gaps
where app_id = %(app_id)s::smallint
  and facet = (select facet from facets
               where app_id = %(app_id)s::smallint and dim = 'version' and value = %(version)s::text)
  and kind = any ('{0,1,2}') and day between %(first)s::date and %(last)s::date
  and (gap <= 0 or gap > day - %(first)s::date)
