-- The minidump of a crash, deflated.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: dump bytea
select dump
from minidumps
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
