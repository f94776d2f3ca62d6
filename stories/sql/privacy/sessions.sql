-- A person's sessions, in order of time; of compressed days as their events tell them.
-- params: user_id uuid, app_id smallint
-- columns: app text, session_id text, started_at timestamptz, ended_at timestamptz, events integer,
--   pages integer, conversions integer
select apps.slug as app, session_text(session_key) as session_id, started_at, ended_at, sessions.events, pages,
       conversions
from (
    select app_id, session_key, started_at, ended_at, events, pages, conversions from sessions
    where user_id = %(user_id)s::uuid and uuid_hash(user_id) = uuid_hash(%(user_id)s::uuid)
      and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
    union all select app_id, session_key, started_at, ended_at, events, 0, 0
    from left_sessions_of(%(user_id)s::uuid, %(app_id)s::smallint, null, null)
) as sessions join apps using (app_id)
order by started_at
