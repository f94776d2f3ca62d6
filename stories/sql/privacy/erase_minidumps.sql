-- Deletes the minidumps of a person's crashes.
-- params: user_id uuid, app_id smallint (null: of every app)
-- columns: none
delete from minidumps
where user_id = %(user_id)s::uuid and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
