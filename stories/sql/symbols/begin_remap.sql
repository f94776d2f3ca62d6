-- Notes that the mapping of a stored crash begins.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: none
update remap_queue set attempts = attempts + 1
where user_id = %(user_id)s and timestamp = %(timestamp)s and dedupe_key = %(dedupe_key)s
