-- A page of a group's crashes, latest or oldest first, after the last row of the page before. Of the two
-- directions the planner drops one. kept: only those stored whole, or only thin ones.
-- params: app_id smallint, fingerprint bytea, kept boolean, ascending boolean, last_timestamp timestamptz,
--   last_user_id uuid, last_key bigint, limit integer, matches boolean
-- columns: timestamp timestamptz, dedupe_key bigint, received_at timestamptz, user_id uuid,
--   crash_type text, app_version text, os_version text, session_id text, channel text, error_message text,
--   stack_trace text, context jsonb, fingerprint bytea, handled boolean, kept boolean, detail jsonb
(
    select crashes.timestamp, crashes.dedupe_key, crashes.received_at, crashes.user_id, crash_type,
           app_version, os_version, session_id, coalesce(channel, 'release') as channel, error_message, stack_trace, context,
           crashes.fingerprint, false as handled,
           stack_trace is not null or context is not null as kept, detail
    from crashes left join error_details using (user_id, timestamp, dedupe_key)
    where not %(ascending)s::boolean
      and crashes.app_id = %(app_id)s::smallint and crashes.fingerprint = %(fingerprint)s::bytea and %(matches)s
      and (%(kept)s::boolean is null
           or (stack_trace is not null or context is not null) = %(kept)s::boolean)
      and (%(last_timestamp)s::timestamptz is null
           or crashes.timestamp <= %(last_timestamp)s::timestamptz
              and (crashes.timestamp, crashes.user_id, crashes.dedupe_key)
                < (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
    order by crashes.timestamp desc, crashes.user_id desc, crashes.dedupe_key desc
    limit %(limit)s
)
union all
(
    select crashes.timestamp, crashes.dedupe_key, crashes.received_at, crashes.user_id, crash_type,
           app_version, os_version, session_id, coalesce(channel, 'release') as channel, error_message, stack_trace, context,
           crashes.fingerprint, false as handled,
           stack_trace is not null or context is not null as kept, detail
    from crashes left join error_details using (user_id, timestamp, dedupe_key)
    where %(ascending)s::boolean
      and crashes.app_id = %(app_id)s::smallint and crashes.fingerprint = %(fingerprint)s::bytea and %(matches)s
      and (%(kept)s::boolean is null
           or (stack_trace is not null or context is not null) = %(kept)s::boolean)
      and (%(last_timestamp)s::timestamptz is null
           or crashes.timestamp >= %(last_timestamp)s::timestamptz
              and (crashes.timestamp, crashes.user_id, crashes.dedupe_key)
                > (%(last_timestamp)s::timestamptz, %(last_user_id)s::uuid, %(last_key)s::bigint))
    order by crashes.timestamp, crashes.user_id, crashes.dedupe_key
    limit %(limit)s
)
