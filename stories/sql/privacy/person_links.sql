-- The anonymous ids that are linked to a person, or the person that an anonymous id is linked to.
-- params: user_id uuid, app_id smallint
-- columns: app text, anonymous uuid, user_id uuid, linked_at timestamptz
select apps.slug as app, anonymous, user_id, linked_at
from person_links join apps using (app_id)
where (user_id = %(user_id)s::uuid or anonymous = %(user_id)s::uuid)
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by app, linked_at, anonymous
