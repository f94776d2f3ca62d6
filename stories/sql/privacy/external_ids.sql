-- The ids that apps themselves have for a person.
-- params: user_id uuid, app_id smallint
-- columns: app text, external_id text
select apps.slug as app, external_id
from external_ids join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by app
