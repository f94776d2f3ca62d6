-- As release_people, over all of the days: how many used a version, and how many it crashed.
-- params: app_id smallint, first date, last date, limit integer
-- columns: version text, people bigint, crashed bigint
with named as materialized (
    select facet, value as version
    from (
        select value
        from kept_values
        where app_id = %(app_id)s::smallint and event = '' and property = 'version'
          and day between %(first)s::date and %(last)s::date and value <> 'other'
        group by value
        order by sum(n) desc, value
        limit %(limit)s
    ) as used join facets using (value)
    where app_id = %(app_id)s::smallint and dim = 'version'
)
select version, people, crashed
from named cross join lateral (
    select coalesce(sum(people) filter (where kind < 2), 0)::bigint as people,
           coalesce(sum(people) filter (where kind = 2), 0)::bigint as crashed
    from active_gaps
    where app_id = %(app_id)s::smallint and active_gaps.facet = named.facet
      and kind = any ('{0,1,2}') and day between %(first)s::date and %(last)s::date
      and (gap <= 0 or gap > day - %(first)s::date)
) as counted
