-- The days a person was active on.
-- params: user_id uuid, app_id smallint
-- columns: app text, day text, events integer, crashes integer
select apps.slug as app, day::text as day, person_days.events, crashes
from person_days join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by day
