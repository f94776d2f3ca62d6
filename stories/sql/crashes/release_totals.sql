-- How many used a version in these days, and how many it crashed; `limit` versions, those with most people by day.
-- From active_gaps: who is there for the first time in the days has been away longer than since the first of them, or
-- was never there. Those of kind 0 are what people with an event or a crash have beyond kind 1.
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
