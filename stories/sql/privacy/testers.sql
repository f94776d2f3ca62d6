-- The apps that a person is a tester of; app null: of all.
-- params: user_id uuid, app_id smallint
-- columns: app text
select apps.slug as app
from testers left join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint or app_id is null)
order by app
