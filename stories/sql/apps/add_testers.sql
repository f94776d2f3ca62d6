-- Adds testers to an app's own list.
-- params: slug text, user_ids uuid[]
-- columns: none
insert into testers (app_id, user_id)
select apps.app_id, id.user_id
from apps, unnest(%(user_ids)s::uuid[]) as id (user_id)
where slug = %(slug)s
on conflict do nothing
