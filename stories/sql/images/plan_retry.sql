-- Plans the next try. Bytes that were fetched are kept, and then the source is asked no more.
-- params: image_id uuid, user_id uuid, next_try timestamptz, reason text, data bytea
-- columns: none
update images
set next_try = %(next_try)s, reason = %(reason)s, data = coalesce(%(data)s::bytea, data),
    source_url = case when %(data)s::bytea is null then source_url end
where user_id = %(user_id)s::uuid and image_id = %(image_id)s::uuid and state = 'waiting'
