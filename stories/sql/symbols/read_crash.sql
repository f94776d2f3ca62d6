-- What the frames and the group of a stored crash are made of.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: app_id smallint, crash_type text, app_version text, error_message text, stack_trace text, dist text,
--   fingerprint bytea, also bytea[], detail jsonb
select crashes.app_id, crash_type, app_version, error_message, stack_trace, context ->> 'dist' as dist,
       crashes.fingerprint, also, detail
from crashes left join error_details using (user_id, timestamp, dedupe_key)
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
