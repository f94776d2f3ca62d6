-- Removes what the slice names of erased people, dated before their erasure.
-- params: person_digest bytea
-- columns: none
delete from events using slice_keys as keys
where keys.kind = 'event'
  and (events.user_id, events.timestamp, events.dedupe_key) = (keys.user_id, keys.timestamp, keys.dedupe_key)
  and exists (select from tombstones
              where person_hash = sha256(%(person_digest)s || uuid_send(keys.user_id))
                and keys.timestamp <= erased_at)
