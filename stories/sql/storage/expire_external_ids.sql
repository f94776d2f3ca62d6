-- Deletes the outside ids of people who are not held any more.
-- params: app_id smallint, first_kept date
-- columns: none
delete from external_ids as ids
where app_id = %(app_id)s
  and not exists (select 1 from users
                  where (users.user_id, users.app_id) = (ids.user_id, ids.app_id))
  and not exists (select 1 from events
                  where (events.user_id, events.app_id) = (ids.user_id, ids.app_id)
                    and events.timestamp >= %(first_kept)s::timestamp at time zone 'UTC')
  and not in_chunks(ids.user_id, ids.app_id, %(first_kept)s::timestamp at time zone 'UTC')
