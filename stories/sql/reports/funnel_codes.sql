-- Events that are a step of a funnel, put together by person or by session, in no order. Each is eight bytes:
-- microseconds since `start` (the upper 52 bits), which steps it is (8 bits), which of `values` (4 bits).
-- The session of an event without a session_id is the chain it lies in: among those of such a person, the
-- starts of their chains are marked by events of no step.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), origin double precision (start as
--   seconds), events text[] (names that may be a step), steps integer (bits of the steps), ranks integer[] (the
--   order of each set of steps, by its bits), place integer (which of `values`, 0 to 11), by_session boolean,
--   with_people boolean (false: nobody is named, nor a session), matches boolean
-- columns: user_id uuid, session_id text, codes bytea
select case when %(with_people)s then user_id end as user_id,
       case when %(with_people)s or session_id = '' then session_id end as session_id,
       string_agg(int8send(code), '') as codes
from (
    select user_id, case when %(by_session)s then coalesce(session_id, '') else '' end as session_id,
           ((date_part('epoch', timestamp) - %(origin)s) * 1000000)::bigint * 4096
           + 16 * (%(ranks)s)[%(steps)s] + %(place)s as code
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
      and event = any(%(events)s) and %(matches)s
      and case when %(by_session)s then has_session(user_id) else is_person(user_id) end
    union all
    select user_id, '', ((date_part('epoch', started_at) - %(origin)s) * 1000000)::bigint * 4096
    from (
        select user_id, session_key, started_at, ended_at from sessions
        where app_id = %(app_id)s and ended_day >= (%(start)s::timestamptz at time zone 'utc')::date
        union all select user_id, session_key, started_at, ended_at
        from left_sessions_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz)
    ) as chains
    where %(by_session)s and session_key = '' and started_at < %(end)s and ended_at >= %(start)s
) as funnel_event
group by funnel_event.user_id, funnel_event.session_id
