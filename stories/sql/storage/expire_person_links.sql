-- Deletes the links of people whom an app does not hold any more.
-- params: app_id smallint, people uuid[]
-- columns: none
delete from person_links where app_id = %(app_id)s and user_id = any(%(people)s::uuid[])
