-- Removes the outside ids of erased people of whom nothing newer is held.
-- params: none
-- columns: none
delete from external_ids as ids
where user_id in (select user_id from erased_keys)
  and not exists (select 1 from users
                  where (users.user_id, users.app_id) = (ids.user_id, ids.app_id))
  and not exists (select 1 from events
                  where (events.user_id, events.app_id) = (ids.user_id, ids.app_id))
  and not in_chunks(ids.user_id, ids.app_id, '-infinity')
