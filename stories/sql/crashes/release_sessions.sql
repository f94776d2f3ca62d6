-- Sessions that began in a range of days and hold a matching event of a version, and those of them that ended in a
-- matching crash of it or had one: a crash of the same session, or without one, up to half an hour after its end.
-- params: app_id smallint, version text, start timestamptz, end timestamptz (exclusive),
--   matches boolean, crash_matches boolean
-- columns: sessions bigint, crashed bigint
with begun as materialized (
    select user_id, session_key, session_text(session_key) as session_id, started_at, ended_at
    from (
        select user_id, session_key, started_at, ended_at from sessions
        where app_id = %(app_id)s::smallint
          and (started_at at time zone 'utc')::date between (%(start)s::timestamptz at time zone 'utc')::date
              and (%(end)s::timestamptz at time zone 'utc')::date
        union all select user_id, session_key, started_at, ended_at
        from left_sessions_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz)
    ) as sessions
    where started_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz
), matching as materialized (
    select user_id, coalesce(session_id, '') as session_id, timestamp
    from (select max(ended_at) as last from begun) as span
    cross join lateral facts_between(%(app_id)s::smallint, %(start)s::timestamptz, span.last) as facts
    where timestamp >= %(start)s::timestamptz and timestamp <= span.last
      and app_version = %(version)s::text and %(matches)s
), holding as materialized (
    select distinct begun.user_id, begun.session_key, begun.started_at
    from begun join matching using (user_id, session_id)
    where matching.timestamp between begun.started_at and begun.ended_at
)
select count(*) as sessions, count(*) filter (where exists (
    select crashes.user_id from crashes
    where crashes.user_id = sessions.user_id and crashes.app_id = sessions.app_id
      and crashes.timestamp >= started_at and crashes.timestamp < ended_at + interval '30 minutes'
      and crashes.app_version = %(version)s::text and %(crash_matches)s
      and coalesce(nullif(crashes.session_id, ''), session_text(session_key)) = session_text(session_key)
)) as crashed
from (
    select app_id, user_id, session_key, started_at, ended_at from sessions
    where app_id = %(app_id)s::smallint
      and (started_at at time zone 'utc')::date between (%(start)s::timestamptz at time zone 'utc')::date
          and (%(end)s::timestamptz at time zone 'utc')::date
    union all select app_id, user_id, session_key, started_at, ended_at
    from left_sessions_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz)
) as sessions
where started_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz
  and (user_id, session_key, started_at) in (select user_id, session_key, started_at from holding)
