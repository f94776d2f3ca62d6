-- Distinct people with an event or a crash, and new people, per day, week or month of a range. A bucket
-- that begins before the range begins with it.
-- params: app_id smallint, group_by text, first date, last date
-- columns: bucket date, active_users numeric, crashed_users numeric, new_users numeric
select days.bucket,
       coalesce(sum(gaps.people) filter (where gaps.kind = 1), 0) as active_users,
       coalesce(sum(gaps.people) filter (where gaps.kind = 2), 0) as crashed_users,
       coalesce(sum(gaps.people) filter (where gaps.kind = 1 and gaps.gap = 0), 0) as new_users
from (
    select day::date, date_trunc(%(group_by)s, day)::date as bucket,
           day::date - greatest(date_trunc(%(group_by)s, day)::date, %(first)s::date) as since
    from generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') as day
) as days
join active_gaps as gaps
  on gaps.app_id = %(app_id)s and gaps.kind in (1, 2) and gaps.day = days.day
 and (gaps.gap = 0 or gaps.gap > days.since)
group by days.bucket
