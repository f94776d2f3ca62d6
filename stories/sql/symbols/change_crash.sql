-- Gives a crash that is not folded yet its group.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint, fingerprint bytea, also bytea[]
-- columns: none
update crashes set fingerprint = %(fingerprint)s, also = nullif(%(also)s::bytea[], '{}')
where user_id = %(user_id)s::uuid and timestamp = %(timestamp)s::timestamptz and dedupe_key = %(dedupe_key)s::bigint
