-- How many used a version from a day on, and how many it crashed, for each that is asked.
-- Somebody counts on their first day there: one whose gap reaches back before it, or who has none. Only those rows are
-- touched, a probe a day, and none where nobody used the version before that day. Kind 0 is what people with an event
-- or a crash have beyond kind 1.
-- params: app_id smallint, versions text[], days date[] (of each version), last date
-- columns: version text, since date, people bigint, crashed bigint
select version, since, coalesce(sum(people) filter (where kind < 2), 0)::bigint as people,
       coalesce(sum(people) filter (where kind = 2), 0)::bigint as crashed
from unnest(%(versions)s::text[], %(days)s::date[]) as asked (version, since)
left join facets on app_id = %(app_id)s::smallint and dim = 'version' and value = version
cross join unnest('{0,1,2}'::smallint[]) as kinds (kind)
cross join lateral (
    select sum(people) as people
    from active_gaps
    where app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet and active_gaps.kind = kinds.kind
      and gap <= 0 and day between since and %(last)s::date
    union all
    select on_day.people
    from generate_series(0, %(last)s::date - since) as later
    cross join lateral (
        select sum(people) as people
        from active_gaps
        where app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet and active_gaps.kind = kinds.kind
          and day = since + later and gap > later
    ) as on_day
    where exists (
        select from active_gaps
        where app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet
          and active_gaps.kind = any ('{0,1,2}') and gap <= 0 and day < since)
) as counted
group by version, since
