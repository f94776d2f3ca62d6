-- Gives thin handled errors that are not folded yet the heir of their group.
-- params: user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[], fingerprints bytea[], heirs bytea[]
-- columns: none
update events
set properties = properties || jsonb_build_object(
        'fingerprint', encode(following.heir, 'hex'),
        'also', jsonb_build_array(encode(following.fingerprint, 'hex')) || coalesce(properties -> 'also', '[]'))
from unnest(%(user_ids)s::uuid[], %(timestamps)s::timestamptz[], %(dedupe_keys)s::bigint[], %(fingerprints)s::bytea[],
            %(heirs)s::bytea[]) as following (user_id, timestamp, dedupe_key, fingerprint, heir)
where (events.user_id, events.timestamp, events.dedupe_key)
    = (following.user_id, following.timestamp, following.dedupe_key)
