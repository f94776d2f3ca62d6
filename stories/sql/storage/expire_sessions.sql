-- Deletes an app's sessions that ended before a time, as many days of them as hold `most`.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from sessions
where app_id = %(app_id)s and ended_at < %(cutoff)s
  and ended_day <= least((%(cutoff)s::timestamptz at time zone 'utc')::date, (
    select ended_day from sessions
    where app_id = %(app_id)s and ended_at < %(cutoff)s
      and ended_day <= (%(cutoff)s::timestamptz at time zone 'utc')::date
    order by ended_day offset %(most)s limit 1
))
