-- Distinct people with an event or a crash, and new people, per day, week or month of a range. A bucket
-- that begins before the range begins with it.
-- params: app_id smallint, facet integer, group_by text, first date, last date
-- columns: bucket date, active_users numeric, crashed_users numeric, new_users numeric
select days.bucket, sum(on_day.active_users) as active_users,
       sum(on_day.crashed_users) as crashed_users, sum(on_day.new_users) as new_users
from (
    select day::date, date_trunc(%(group_by)s, day)::date as bucket,
           day::date - greatest(date_trunc(%(group_by)s, day)::date, %(first)s::date) as since
    from generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') as day
) as days
cross join lateral (
    select coalesce(sum(people) filter (where kind = 1), 0) as active_users,
           coalesce(sum(people) filter (where kind = 2), 0) as crashed_users,
           coalesce(sum(people) filter (where kind = 1 and gap between -days.since and 0), 0) as new_users
    from active_gaps
    where app_id = %(app_id)s and facet = %(facet)s and kind in (1, 2) and day = days.day
      and (gap <= 0 or gap > days.since)
) as on_day
group by days.bucket
