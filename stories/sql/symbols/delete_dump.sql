-- Deletes the minidump of a crash: symbols could name no more of it.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: none
delete from minidumps
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
