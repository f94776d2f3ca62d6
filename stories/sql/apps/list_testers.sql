-- The testers of an app, those of every app among them.
-- params: app_id smallint
-- columns: user_id uuid
select user_id from testers where app_id = %(app_id)s or app_id is null order by user_id
