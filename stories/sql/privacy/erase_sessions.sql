-- Deletes a person's rows of sessions.
-- params: user_id uuid, app_id smallint
-- columns: none
delete from sessions
where user_id = %(user_id)s::uuid and uuid_hash(user_id) = uuid_hash(%(user_id)s::uuid)
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
