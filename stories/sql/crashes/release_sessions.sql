-- Sessions that began in a range of days and hold a matching event of a version, and those of them that ended in a
-- matching crash of it or had one: a crash of the same session, or without one, up to half an hour after its end.
-- params: app_id smallint, version text, start timestamptz, end timestamptz (exclusive),
--   matches boolean, crash_matches boolean
-- columns: sessions bigint, crashed bigint
select count(*) as sessions, count(*) filter (where exists (
    select crashes.user_id from crashes
    where crashes.user_id = sessions.user_id and crashes.app_id = sessions.app_id
      and crashes.timestamp >= started_at and crashes.timestamp < ended_at + interval '30 minutes'
      and crashes.app_version = %(version)s::text and %(crash_matches)s
      and coalesce(nullif(crashes.session_id, ''), sessions.session_id) = sessions.session_id
)) as crashed
from sessions
where app_id = %(app_id)s::smallint
  and started_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz
  and exists (
    select facts.user_id from facts
    where facts.user_id = sessions.user_id and facts.app_id = sessions.app_id
      and timestamp between started_at and ended_at and app_version = %(version)s::text
      and %(matches)s and coalesce(facts.session_id, '') = sessions.session_id
  )
