-- The held sessions that the slice touched go, but for those that begin as before: rollups/sessions_longer
-- changes these.
-- params: none
-- columns: none
delete from sessions using (
    select user_id, app_id, session_key, started_at from new_sessions where not is_new
    except
    select user_id, app_id, session_key, started_at from new_sessions where is_new
) as old
where (uuid_hash(sessions.user_id), session_hash(sessions.session_key))
    = (uuid_hash(old.user_id), session_hash(old.session_key))
  and (sessions.user_id, sessions.app_id, sessions.session_key, sessions.started_at)
    = (old.user_id, old.app_id, old.session_key, old.started_at)
