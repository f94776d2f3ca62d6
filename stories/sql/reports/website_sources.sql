-- Sessions with an item in a range of days, by source. It reads the sessions of the range: its time
-- grows with their number.
-- params: app_id smallint, first date, last date, start timestamptz, end timestamptz (exclusive)
-- columns: source text, sessions bigint
select coalesce(source, 'direct') as source, count(*) as sessions
from sessions
where app_id = %(app_id)s and ended_day >= (%(start)s::timestamptz at time zone 'utc')::date
  and ended_at >= %(start)s and started_at < %(end)s
  and (ended_at < %(end)s or started_at >= %(start)s
       or exists (select 1 from person_days as days
                  where (days.user_id, days.app_id) = (sessions.user_id, sessions.app_id)
                    and days.day between %(first)s and %(last)s and days.flags & 1 <> 0))
group by 1
