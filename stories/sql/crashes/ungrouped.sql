-- Some of an app's crashes that have no fingerprint, the oldest first.
-- params: app_id smallint, most integer
-- columns: kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, crash_type text, error_message text,
--   stack_trace text
select 'crash' as kind, user_id, timestamp, dedupe_key, crash_type, error_message, stack_trace
from crashes
where app_id = %(app_id)s::smallint and fingerprint is null
order by timestamp
limit %(most)s
