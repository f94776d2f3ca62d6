-- What the frames and the group of a stored handled error are made of.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: app_id smallint, app_version text, properties jsonb, detail jsonb
select events.app_id, app_version, properties, detail
from events left join error_details using (user_id, timestamp, dedupe_key)
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
