-- What the user table says of a person.
-- params: user_id uuid, app_id smallint
-- columns: app text, first_seen timestamptz, last_seen timestamptz, first_crash timestamptz,
--   last_crash timestamptz, app_version text, platform text, country text, auto_paste boolean,
--   events bigint, crashes bigint, counts jsonb, external_id text
select apps.slug as app, first_seen, last_seen, first_crash, last_crash, app_version, platform,
       country, auto_paste, users.events, crashes, counts, external_id
from users join apps using (app_id) left join external_ids using (user_id, app_id)
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by app_id
