-- Deletes what users holds of the people in `leaving`.
-- params: none
-- columns: none
delete from users using leaving
where (users.user_id, users.app_id) = (leaving.user_id, leaving.app_id)
