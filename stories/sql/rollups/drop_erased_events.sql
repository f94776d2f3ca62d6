-- Removes from events what the slice names of erased people.
-- params: none
-- columns: none
delete from events using erased_keys as keys
where keys.kind = 'event'
  and (events.user_id, events.timestamp, events.dedupe_key)
    = (keys.user_id, keys.timestamp, keys.dedupe_key)
