-- A page of crashes in any order, as rows_crashes has them by time; keys as in dashboard_users. Of
-- crashes with the same key the latest comes first, whichever way the keys go.
-- params: app_id smallint, user_id uuid, crash_type text, app_version text, os_version text,
--   matches boolean, start timestamptz, end timestamptz (exclusive), sort text, ascending boolean, last_key text,
--   last_timestamp timestamptz, last_user_id uuid, last_dedupe_key bigint, limit integer
-- columns: sort_key text, app text, user_id uuid, crash_type text, timestamp timestamptz,
--   error_message text, stack_trace text, context jsonb, app_version text, os_version text,
--   session_id text, channel text, received_at timestamptz, dedupe_key bigint
with sorted as (
    select crashes.*, coalesce(
               case %(sort)s::text
                   when 'time' then to_char(timestamp at time zone 'utc', 'YYYYMMDDHH24MISSUS')
                   when 'message' then lower(left(error_message, 45))
                   when 'type' then crash_type
                   else left(regexp_replace(regexp_replace(
                       case %(sort)s::text when 'version' then app_version else os_version end,
                       '(\d+)', '0000000000\1', 'g'), '0*(\d{10,})', '\1', 'g'), 45)
               end, '') collate "C" as sort_key
    from crashes
    where app_id = %(app_id)s::smallint
      and (%(user_id)s::uuid is null or user_id = %(user_id)s::uuid)
      and (%(crash_type)s::text is null or crash_type = %(crash_type)s::text)
      and (%(app_version)s::text is null or app_version = %(app_version)s::text)
      and (%(os_version)s::text is null or os_version = %(os_version)s::text)
      and %(matches)s
      and (%(start)s::timestamptz is null or timestamp >= %(start)s::timestamptz)
      and (%(end)s::timestamptz is null or timestamp < %(end)s::timestamptz)
)
select sort_key, apps.slug as app, user_id, crash_type, timestamp, error_message, stack_trace,
       context, app_version, os_version, session_id, coalesce(channel, 'release') as channel,
       received_at, dedupe_key
from sorted cross join (select slug from apps where app_id = %(app_id)s::smallint) as apps
where %(last_key)s::text is null
   or %(ascending)s::boolean and sort_key > %(last_key)s::text
   or not %(ascending)s::boolean and sort_key < %(last_key)s::text
   or sort_key = %(last_key)s::text
      and (timestamp, user_id, dedupe_key)
        < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_dedupe_key)s::bigint)
order by case when %(ascending)s::boolean then sort_key end,
         case when not %(ascending)s::boolean then sort_key end desc,
         timestamp desc, user_id desc, dedupe_key desc
limit %(limit)s
