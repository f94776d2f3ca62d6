-- Removes from contents what the slice names of erased people.
-- params: none
-- columns: none
delete from contents using erased_keys as keys
where keys.kind = 'event'
  and (contents.user_id, contents.timestamp, contents.dedupe_key)
    = (keys.user_id, keys.timestamp, keys.dedupe_key)
