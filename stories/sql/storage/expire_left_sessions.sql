-- Deletes what sessions holds of the people in `leaving`.
-- params: none
-- columns: none
delete from sessions using leaving
where (sessions.user_id, sessions.app_id) = (leaving.user_id, leaving.app_id)
  and uuid_hash(sessions.user_id) = uuid_hash(leaving.user_id)
