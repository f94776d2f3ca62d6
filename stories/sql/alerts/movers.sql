-- Of events, crashes and people, and of each dimension, the value whose count explains most of the change from
-- some days to others: the greatest change in the direction of the whole; where no value went that way, the greatest.
-- params: app_id smallint, first date, last date, before date, before_last date (first and last of the days before)
-- columns: measure text, dim text, value text, n bigint, before bigint, total bigint, total_before bigint
with counted as (
    select 'events' as measure, case dim when 'none' then 'event' else dim end as dim,
           case dim when 'none' then event else value end as value, sum(n) filter (where day >= %(first)s::date) as n,
           sum(n) filter (where day <= %(before_last)s::date) as before
    from daily_events
    where app_id = %(app_id)s::smallint and day between %(before)s::date and %(last)s::date
      and dim in ('none', 'version', 'country', 'platform')
    group by 2, 3
    union all
    select 'crashes', case dim when 'none' then 'type' else dim end, case dim when 'none' then crash_type else value end,
           sum(n) filter (where day >= %(first)s::date), sum(n) filter (where day <= %(before_last)s::date)
    from daily_crashes
    where app_id = %(app_id)s::smallint and day between %(before)s::date and %(last)s::date
      and dim in ('none', 'version', 'platform')
    group by 2, 3
    union all
    -- Somebody is counted on the first of their days in a range: where the day before lies outside it.
    select 'people', coalesce(dim, 'everybody'), coalesce(value, ''),
           sum(people) filter (where day >= %(first)s::date and (gap <= 0 or gap > day - %(first)s::date)),
           sum(people) filter (where day <= %(before_last)s::date and (gap <= 0 or gap > day - %(before)s::date))
    from active_gaps left join facets using (app_id, facet)
    where active_gaps.app_id = %(app_id)s::smallint and kind = 1
      and day between %(before)s::date and %(last)s::date
      and (facet = 0 or dim in ('version', 'country', 'platform'))
    group by 2, 3
),
changed as (
    select measure, dim, value, coalesce(n, 0)::bigint as n, coalesce(before, 0)::bigint as before from counted
),
totals as (
    select measure, sum(n)::bigint as total, sum(before)::bigint as total_before
    from changed
    where dim in ('event', 'type', 'everybody')
    group by measure
)
select distinct on (measure, dim) measure, dim, value, n, before, total, total_before
from changed join totals using (measure)
where value <> '' and n <> before
order by measure, dim, sign(n - before) = sign(total - total_before) desc, abs(n - before) desc, value
