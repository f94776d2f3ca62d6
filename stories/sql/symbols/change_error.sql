-- Gives a handled error that is not folded yet its group.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint, properties jsonb
-- columns: none
update events set properties = %(properties)s::jsonb
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
