-- A page of an issue's crashes and kept handled errors, latest or oldest first, after the last row of the
-- page before. Each group is walked along its index, and the walks are merged. Of a handled error what it
-- says is in `detail`, and its event has where it happened.
-- params: issue_id bigint, kept boolean (only those stored whole, or only thin ones), ascending boolean,
--   last_timestamp timestamptz, last_user_id uuid, last_key bigint, limit integer
-- columns: timestamp timestamptz, dedupe_key bigint, received_at timestamptz, user_id uuid,
--   crash_type text, app_version text, os_version text, session_id text, error_message text,
--   stack_trace text, context jsonb, fingerprint bytea, handled boolean, kept boolean, detail jsonb
with own as materialized (
    select app_id, fingerprint from groups where issue_id = %(issue_id)s::bigint
), page as (
    select own.fingerprint, place.*
    from own cross join lateral (
        (select timestamp, user_id, dedupe_key, false as handled
         from crashes
         where (crashes.app_id, crashes.fingerprint) = (own.app_id, own.fingerprint)
           and not %(ascending)s::boolean
           and (%(kept)s::boolean is null
                or (stack_trace is not null or context is not null) = %(kept)s::boolean)
           and (%(last_timestamp)s::timestamptz is null
                or timestamp <= %(last_timestamp)s::timestamptz
                   and (timestamp, user_id, dedupe_key)
                     < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
         order by timestamp desc, user_id desc, dedupe_key desc
         limit %(limit)s)
        union all
        (select timestamp, user_id, dedupe_key, false as handled
         from crashes
         where (crashes.app_id, crashes.fingerprint) = (own.app_id, own.fingerprint)
           and %(ascending)s::boolean
           and (%(kept)s::boolean is null
                or (stack_trace is not null or context is not null) = %(kept)s::boolean)
           and (%(last_timestamp)s::timestamptz is null
                or timestamp >= %(last_timestamp)s::timestamptz
                   and (timestamp, user_id, dedupe_key)
                     > (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
         order by timestamp, user_id, dedupe_key
         limit %(limit)s)
        union all
        (select timestamp, user_id, dedupe_key, true as handled
         from error_details
         where (error_details.app_id, error_details.fingerprint) = (own.app_id, own.fingerprint)
           and not %(ascending)s::boolean
           and %(kept)s::boolean is not false
           and (%(last_timestamp)s::timestamptz is null
                or timestamp <= %(last_timestamp)s::timestamptz
                   and (timestamp, user_id, dedupe_key)
                     < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
         order by timestamp desc, user_id desc, dedupe_key desc
         limit %(limit)s)
        union all
        (select timestamp, user_id, dedupe_key, true as handled
         from error_details
         where (error_details.app_id, error_details.fingerprint) = (own.app_id, own.fingerprint)
           and %(ascending)s::boolean
           and %(kept)s::boolean is not false
           and (%(last_timestamp)s::timestamptz is null
                or timestamp >= %(last_timestamp)s::timestamptz
                   and (timestamp, user_id, dedupe_key)
                     > (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
         order by timestamp, user_id, dedupe_key
         limit %(limit)s)
    ) as place
    order by case when %(ascending)s::boolean then timestamp end,
             case when not %(ascending)s::boolean then timestamp end desc,
             case when %(ascending)s::boolean then user_id end,
             case when not %(ascending)s::boolean then user_id end desc,
             case when %(ascending)s::boolean then dedupe_key end,
             case when not %(ascending)s::boolean then dedupe_key end desc
    limit %(limit)s
)
select page.timestamp, page.dedupe_key,
       coalesce(crashes.received_at, events.received_at, page.timestamp) as received_at,
       page.user_id,
       coalesce(crashes.crash_type, events.properties ->> 'type') as crash_type,
       coalesce(crashes.app_version, events.app_version) as app_version,
       coalesce(crashes.os_version, events.platform) as os_version,
       coalesce(crashes.session_id, events.session_id) as session_id,
       coalesce(crashes.error_message, detail ->> 'error_message') as error_message,
       coalesce(crashes.stack_trace, detail ->> 'stack_trace') as stack_trace,
       coalesce(crashes.context, detail -> 'context') as context,
       page.fingerprint, page.handled,
       page.handled or crashes.stack_trace is not null or crashes.context is not null as kept,
       detail
from page
left join lateral (
    select * from crashes
    where not page.handled and (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
        = (page.user_id, page.timestamp, page.dedupe_key)
) as crashes on true
left join lateral (
    select * from events
    where page.handled and (events.user_id, events.timestamp, events.dedupe_key)
        = (page.user_id, page.timestamp, page.dedupe_key)
) as events on true
left join error_details on (error_details.user_id, error_details.timestamp, error_details.dedupe_key)
    = (page.user_id, page.timestamp, page.dedupe_key)
order by case when %(ascending)s::boolean then page.timestamp end,
         case when not %(ascending)s::boolean then page.timestamp end desc,
         case when %(ascending)s::boolean then page.user_id end,
         case when not %(ascending)s::boolean then page.user_id end desc,
         case when %(ascending)s::boolean then page.dedupe_key end,
         case when not %(ascending)s::boolean then page.dedupe_key end desc
