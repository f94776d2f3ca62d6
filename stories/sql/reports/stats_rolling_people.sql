-- Distinct people of the 1, 7 and 30 days ending on each day of a range.
-- Somebody active on day x after a gap g enters the windows of W days at x, or where they still are in
-- from the time before (0 < g < W) at x - g + W; they leave all of them W days after x. So each series
-- is a running sum, over the rows and not over days times windows.
-- params: app_id smallint, facet integer (0: everybody), first date, last date
-- columns: day date, dau numeric, wau numeric, mau numeric
with gaps as materialized (
    select day, gap, people
    from active_gaps
    where app_id = %(app_id)s and facet = %(facet)s and kind = 1
      and day between %(first)s::date - 29 and %(last)s::date
), by_day as materialized (
    select day, sum(people) as people,
           sum(people) filter (where gap <= 0 or gap >= 7) as enter_7,
           sum(people) filter (where gap <= 0 or gap >= 30) as enter_30
    from gaps
    group by day
), changes (day, dau, wau, mau) as (
    select day, people, enter_7, enter_30 from by_day
    union all
    select day + 7, 0, -people, 0 from by_day
    union all
    select day + 30, 0, 0, -people from by_day
    union all
    select day - gap + 7, 0, sum(people), 0 from gaps
    where gap between 1 and 6 group by 1
    union all
    select day - gap + 30, 0, 0, sum(people) from gaps
    where gap between 1 and 29 group by 1
), summed as (
    select day, sum(dau) as dau, sum(sum(wau)) over (order by day) as wau,
           sum(sum(mau)) over (order by day) as mau
    from (
        select day, dau, wau, mau from changes
        union all
        select day::date, 0, 0, 0
        from generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') as day
    ) as every_day
    group by day
)
select day, coalesce(dau, 0) as dau, coalesce(wau, 0) as wau, coalesce(mau, 0) as mau
from summed
where day between %(first)s::date and %(last)s::date
order by day
