-- Gives thin crashes that are not folded yet the heir of their group.
-- params: user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[], fingerprints bytea[], heirs bytea[]
-- columns: none
update crashes
set fingerprint = following.heir, also = array_prepend(following.fingerprint, coalesce(also, '{}'))
from unnest(%(user_ids)s::uuid[], %(timestamps)s::timestamptz[], %(dedupe_keys)s::bigint[], %(fingerprints)s::bytea[],
            %(heirs)s::bytea[]) as following (user_id, timestamp, dedupe_key, fingerprint, heir)
where (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
    = (following.user_id, following.timestamp, following.dedupe_key)
