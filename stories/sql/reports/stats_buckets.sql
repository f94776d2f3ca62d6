-- Distinct people with an event or a crash, and new people, per day, week or month of a range. A bucket
-- that begins before the range begins with it. Everybody of its days (kinds -2 and -3; of a facet the rows of all
-- gaps), less those who had been there in it before.
-- params: app_id smallint, facet integer, group_by text, first date, last date
-- columns: bucket date, active_users numeric, crashed_users numeric, new_users numeric
with days as materialized (
    select day::date, date_trunc(%(group_by)s, day)::date as bucket,
           day::date - greatest(date_trunc(%(group_by)s, day)::date, %(first)s::date) as since
    from generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') as day
), counted as (
    select day, case when kind in (1, -2) then 'active' else 'crashed' end as what, people
    from active_gaps
    where app_id = %(app_id)s and facet = %(facet)s
      and kind = any (case when %(facet)s = 0 then '{-2,-3}'::integer[] else '{1,2}' end)
      and day between %(first)s::date and %(last)s::date
    union all
    select day, case kind when 1 then 'active' else 'crashed' end, -people
    from days cross join lateral (
        select kind, people
        from active_gaps
        where app_id = %(app_id)s and facet = %(facet)s and kind in (1, 2) and active_gaps.day = days.day
          and gap between 1 and since
        offset 0
    ) as again
    where since > 0
    union all
    select day, 'new', people
    from active_gaps join days using (day)
    where app_id = %(app_id)s and facet = %(facet)s and kind = 1 and gap <= 0 and gap >= -since
      and day between %(first)s::date and %(last)s::date
)
select bucket, coalesce(sum(people) filter (where what = 'active'), 0) as active_users,
       coalesce(sum(people) filter (where what = 'crashed'), 0) as crashed_users,
       coalesce(sum(people) filter (where what = 'new'), 0) as new_users
from counted join days using (day)
group by bucket
