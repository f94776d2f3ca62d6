-- People by version over a range of days: how many used it, and were crashed by it, on that day for the last time.
-- Added up from a day on, they are the distinct people from that day on. `limit` versions, those with most people by day.
-- From active_gaps: a day on which somebody comes back after `gap` days is later than the one before, which is then no
-- longer their last. Those of kind 0 are what people with an event or a crash have beyond kind 1.
-- params: app_id smallint, first date, last date, limit integer
-- columns: version text, day date, people bigint, crashed bigint
with named as materialized (
    select value as version
    from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version'
      and day between %(first)s::date and %(last)s::date and value <> 'other'
    group by value
    order by sum(n) desc, value
    limit %(limit)s
), gaps as (
    select version, kind, day, gap, people
    from named
    join facets on app_id = %(app_id)s::smallint and dim = 'version' and value = version
    cross join lateral (
        select kind, day, gap, people
        from active_gaps
        where active_gaps.app_id = %(app_id)s::smallint and active_gaps.facet = facets.facet
          and kind = any ('{0,1,2}') and day between %(first)s::date and %(last)s::date
        offset 0
    ) as held
)
select version, day, coalesce(sum(people) filter (where kind < 2), 0)::bigint as people,
       coalesce(sum(people) filter (where kind = 2), 0)::bigint as crashed
from (
    select version, kind, day, people from gaps
    union all
    select version, kind, day - gap, -people from gaps where gap > 0 and day - gap >= %(first)s::date
) as changes
group by version, day
