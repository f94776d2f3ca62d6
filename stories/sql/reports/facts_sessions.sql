-- As stats_sessions, of the sessions that hold a matching event: begun in the range, with their own length. Events
-- without a session's id belong to the session without one that lasts then.
-- params: app_id smallint, matches boolean, start timestamptz, end timestamptz (exclusive; of the range)
-- columns: sessions bigint, bounced bigint (of one item alone), seconds numeric
with begun as materialized (
    select user_id, session_text(session_key) as session_id, started_at, ended_at, events
    from (
        select user_id, session_key, started_at, ended_at, events from sessions
        where app_id = %(app_id)s
          and (started_at at time zone 'utc')::date between (%(start)s::timestamptz at time zone 'utc')::date
              and (%(end)s::timestamptz at time zone 'utc')::date
        union all select user_id, session_key, started_at, ended_at, events
        from left_sessions_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz)
    ) as sessions
    where started_at >= %(start)s and started_at < %(end)s
), matching as materialized (
    select user_id, coalesce(session_id, '') as session_id, timestamp
    from (select max(ended_at) as last from begun) as span
    cross join lateral facts_between(%(app_id)s::smallint, %(start)s::timestamptz, span.last) as facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp <= span.last and %(matches)s
)
select count(*) as sessions, count(*) filter (where events = 1) as bounced,
       coalesce(sum(extract(epoch from ended_at - started_at)), 0) as seconds
from begun
where exists (
    select from matching
    where (matching.user_id, matching.session_id) = (begun.user_id, begun.session_id)
      and matching.timestamp between begun.started_at and begun.ended_at
)
