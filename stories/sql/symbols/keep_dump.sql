-- Notes that a minidump was walked: it stays for symbols that come later.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: none
update minidumps set walked_at = now()
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
