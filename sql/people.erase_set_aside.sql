-- Deletes a person's keys from the list of what broke the fold (it has no app: the same in all).
-- params: user_id uuid, app_id smallint
-- columns: none
delete from set_aside
where user_id = %(user_id)s::uuid and (%(app_id)s::smallint is null or %(app_id)s::smallint is not null)
