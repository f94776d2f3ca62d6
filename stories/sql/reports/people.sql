-- People of an app by their last sign, an event or a crash, latest first.
-- params: app_id smallint, last_active timestamptz, last_user_id uuid, limit integer,
--   with_events boolean (leave out who is known by a crash alone), matches boolean
-- columns: user_id uuid, external_id text, first_seen timestamptz, last_seen timestamptz,
--   last_active timestamptz, events bigint, crashes bigint, app_version text, platform text,
--   country text, counts jsonb
select user_id, external_id, first_seen, last_seen, greatest(last_seen, last_crash) as last_active,
       events, crashes, app_version, platform, country, counts
from users left join external_ids using (user_id, app_id)
where users.app_id = %(app_id)s and %(matches)s and (last_seen is not null or not %(with_events)s)
  and (%(last_active)s::timestamptz is null
       or active_day <= (%(last_active)s::timestamptz at time zone 'utc')::date
      and (greatest(last_seen, last_crash), user_id)
        < (%(last_active)s::timestamptz, %(last_user_id)s::uuid))
order by active_day desc,
         greatest(last_seen, last_crash) desc, user_id desc
limit %(limit)s
