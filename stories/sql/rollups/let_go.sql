-- Lets crashes go that are held: a person's, or those from before a time.
-- params: user_id uuid, before timestamptz (null: the other one says which)
-- columns: none
update outbox set held_until = null
where held_until is not null
  and (user_ids[1] = %(user_id)s::uuid or timestamps[1] < %(before)s::timestamptz)
