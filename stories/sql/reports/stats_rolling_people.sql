-- Distinct people of the 1, 7 and 30 days ending on each day of a range.
-- Who is there on day x is in the windows of W days from x on, and no more W days later. Who comes after a gap of
-- less than W days is still in from the time before, and enters only when they would have left: at x - gap + W. So
-- each series is a running sum, over a row a day (kind -2; of a facet the rows of all gaps) and those of short gaps.
-- params: app_id smallint, facet integer (0: everybody), first date, last date
-- columns: day date, dau numeric, wau numeric, mau numeric
with by_day as materialized (
    select day, sum(people) as people
    from active_gaps
    where app_id = %(app_id)s and facet = %(facet)s and kind = case when %(facet)s = 0 then -2 else 1 end
      and day between %(first)s::date - 29 and %(last)s::date
    group by day
), gaps as materialized (
    select days.day::date, gap, people
    from generate_series(%(first)s::timestamp - interval '29 days', %(last)s::timestamp, '1 day') as days (day)
    cross join lateral (
        select gap, people
        from active_gaps
        where app_id = %(app_id)s and facet = %(facet)s and kind = 1 and active_gaps.day = days.day::date
          and gap between 1 and 29
        offset 0
    ) as held
), changes (day, dau, wau, mau) as (
    select day, people, people, people from by_day
    union all
    select day + 7, 0, -people, 0 from by_day
    union all
    select day + 30, 0, 0, -people from by_day
    union all
    select day, 0, -coalesce(sum(people) filter (where gap < 7), 0), -sum(people) from gaps group by day
    union all
    select day - gap + 7, 0, sum(people), 0 from gaps
    where gap < 7 group by 1
    union all
    select day - gap + 30, 0, 0, sum(people) from gaps
    group by 1
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
