-- A person's sessions, in order of time.
-- params: user_id uuid, app_id smallint
-- columns: app text, session_id text, started_at timestamptz, ended_at timestamptz, events integer,
--   pages integer, conversions integer
select apps.slug as app, session_text(session_key) as session_id, started_at, ended_at, sessions.events, pages,
       conversions
from sessions join apps using (app_id)
where user_id = %(user_id)s::uuid and uuid_hash(user_id) = uuid_hash(%(user_id)s::uuid)
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by started_at
