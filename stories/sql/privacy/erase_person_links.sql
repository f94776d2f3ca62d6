-- Deletes a person's links.
-- params: user_id uuid, app_id smallint
-- columns: none
delete from person_links
where (user_id = %(user_id)s::uuid or anonymous = %(user_id)s::uuid)
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
