-- How often events came in days and in as many before, by event, version, country and platform: what changed most.
-- params: app_id smallint, first date, last date, before date (the first of the days before)
-- columns: dim text, value text, n bigint, before bigint
with counted as (
    select case dim when 'none' then 'event' else dim end as dim, case dim when 'none' then event else value end as value,
           coalesce(sum(n) filter (where day >= %(first)s::date), 0)::bigint as n,
           coalesce(sum(n) filter (where day < %(first)s::date), 0)::bigint as before
    from daily_events
    where app_id = %(app_id)s::smallint and day between %(before)s::date and %(last)s::date
      and dim in ('none', 'version', 'country', 'platform')
    group by 1, 2
)
select distinct on (dim) dim, value, n, before
from counted
where value <> '' and n <> before
order by dim, abs(n - before) desc, value
