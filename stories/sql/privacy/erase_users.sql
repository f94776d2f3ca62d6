-- Deletes a person's rows of users.
-- params: user_id uuid, app_id smallint
-- columns: none
delete from users
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
