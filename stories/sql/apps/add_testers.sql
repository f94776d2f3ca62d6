-- Adds testers to an app's own list, but for those of every app.
-- params: slug text, user_ids uuid[]
-- columns: none
insert into testers (app_id, user_id)
select apps.app_id, id.user_id
from apps, unnest(%(user_ids)s::uuid[]) as id (user_id)
where slug = %(slug)s and id.user_id not in (select user_id from testers where app_id is null)
on conflict do nothing
