-- Gives an image up. Bytes stay while the app keeps content; the source's address may hold a secret.
-- params: image_id uuid, user_id uuid, reason text
-- columns: none
update images
set state = 'failed', reason = %(reason)s, source_url = null
where user_id = %(user_id)s::uuid and image_id = %(image_id)s::uuid and state = 'waiting'
