-- As release_totals, of versions from a day of each on.
-- params: app_id smallint, versions text[], days date[] (of each version), last date
-- columns: version text, since date, people bigint, crashed bigint
select version, since, people, crashed
from unnest(%(versions)s::text[], %(days)s::date[]) as asked (version, since)
left join facets on app_id = %(app_id)s::smallint and dim = 'version' and value = version
cross join lateral (
    select coalesce(sum(people) filter (where kind < 2), 0)::bigint as people,
           coalesce(sum(people) filter (where kind = 2), 0)::bigint as crashed
    from active_gaps
    where app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet
      and kind = any ('{0,1,2}') and day between since and %(last)s::date
      and (gap <= 0 or gap > day - since)
) as counted
