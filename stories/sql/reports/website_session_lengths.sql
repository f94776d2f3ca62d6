-- Sessions begun in a range: how many, how many of one item alone, and how long they lasted together.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: sessions bigint, bounced bigint, seconds numeric
select count(*) as sessions, count(*) filter (where events = 1) as bounced,
       coalesce(sum(extract(epoch from ended_at - started_at)), 0) as seconds
from sessions
where app_id = %(app_id)s::smallint
  and (started_at at time zone 'utc')::date between (%(start)s::timestamptz at time zone 'utc')::date
      and (%(end)s::timestamptz at time zone 'utc')::date
  and started_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz
