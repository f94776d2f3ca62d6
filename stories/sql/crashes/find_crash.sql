-- One crash, as group_crashes has its crashes; no row when it is gone.
-- params: app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: timestamp timestamptz, dedupe_key bigint, received_at timestamptz, user_id uuid,
--   crash_type text, app_version text, os_version text, session_id text, channel text, error_message text,
--   stack_trace text, context jsonb, fingerprint bytea, handled boolean, kept boolean, detail jsonb
select crashes.timestamp, crashes.dedupe_key, crashes.received_at, crashes.user_id, crash_type,
       app_version, os_version, session_id, coalesce(channel, 'release') as channel, error_message, stack_trace, context,
       crashes.fingerprint, false as handled,
       stack_trace is not null or context is not null as kept, detail
from crashes left join error_details using (user_id, timestamp, dedupe_key)
where (user_id, timestamp, dedupe_key)
        = (%(user_id)s::uuid, %(timestamp)s::timestamptz, %(dedupe_key)s::bigint)
  and crashes.app_id = %(app_id)s::smallint
