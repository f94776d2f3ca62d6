-- The held sessions that the slice touched go; fold.sessions_in puts their union back.
-- params: none
-- columns: none
delete from sessions using new_sessions as old
where not old.is_new
  and (sessions.user_id, sessions.app_id, sessions.session_id, sessions.started_at)
    = (old.user_id, old.app_id, old.session_id, old.started_at)
