-- Removes from crashes what the slice names of erased people.
-- params: none
-- columns: none
delete from crashes using erased_keys as keys
where keys.kind = 'crash'
  and (crashes.user_id, crashes.timestamp, crashes.dedupe_key)
    = (keys.user_id, keys.timestamp, keys.dedupe_key)
