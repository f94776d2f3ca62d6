-- Which of some people an app holds.
-- params: app_id smallint, people uuid[]
-- columns: user_id uuid
select user_id from users where app_id = %(app_id)s and user_id = any(%(people)s::uuid[])
