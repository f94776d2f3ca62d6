-- People of an app as an export has them, by their last sign, an event or a crash, latest first.
-- params: app_id smallint, matches boolean
-- columns: user_id uuid, external_id text, last_active timestamptz, first_seen timestamptz, events bigint,
--   crashes bigint, app_version text, platform text, country text, counts jsonb
select user_id, external_id, greatest(last_seen, last_crash) as last_active, first_seen, events, crashes,
       app_version, platform, country, counts
from users left join external_ids using (user_id, app_id)
where users.app_id = %(app_id)s::smallint and %(matches)s
order by greatest(last_seen, last_crash) desc, user_id desc
