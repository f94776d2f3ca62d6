-- A page of an app's crashes, latest first, after the last row of the page before.
-- params: app_id smallint, user_id uuid, crash_type text, app_version text, os_version text,
--   matches boolean, start timestamptz, end timestamptz (exclusive), last_timestamp timestamptz, last_user_id uuid,
--   last_key bigint, limit integer
-- columns: app text, user_id uuid, crash_type text, timestamp timestamptz, error_message text,
--   stack_trace text, context jsonb, app_version text, os_version text, session_id text,
--   channel text, received_at timestamptz, dedupe_key bigint
select apps.slug as app, page.user_id, page.crash_type, page.timestamp, page.error_message,
       page.stack_trace, page.context, page.app_version, page.os_version, page.session_id,
       coalesce(page.channel, 'release') as channel, page.received_at, page.dedupe_key
from (
    select *
    from crashes
    where crashes.app_id = %(app_id)s::smallint
      and (%(user_id)s::uuid is null or crashes.user_id = %(user_id)s::uuid)
      and (%(crash_type)s::text is null or crashes.crash_type = %(crash_type)s::text)
      and (%(app_version)s::text is null or crashes.app_version = %(app_version)s::text)
      and (%(os_version)s::text is null or crashes.os_version = %(os_version)s::text)
      and %(matches)s
      and (%(start)s::timestamptz is null or crashes.timestamp >= %(start)s::timestamptz)
      and (%(end)s::timestamptz is null or crashes.timestamp < %(end)s::timestamptz)
      and (%(last_timestamp)s::timestamptz is null
           or crashes.timestamp <= %(last_timestamp)s::timestamptz
           and (crashes.timestamp, crashes.user_id, crashes.dedupe_key)
             < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
    order by crashes.timestamp desc, crashes.user_id desc, crashes.dedupe_key desc
    limit %(limit)s
) as page
join apps using (app_id)
order by page.timestamp desc, page.user_id desc, page.dedupe_key desc
limit %(limit)s
