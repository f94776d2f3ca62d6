-- What is kept beside a person's crashes and handled errors, in order of time.
-- params: user_id uuid, app_id smallint
-- columns: app text, timestamp timestamptz, detail jsonb
select apps.slug as app, timestamp, detail
from error_details join apps using (app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp, dedupe_key
