-- Says where an image is stored. Its bytes and its source's address, which may hold a secret, go.
-- params: image_id uuid, user_id uuid, image_url text, remote_id text, content_type text
-- columns: none
update images
set state = 'stored', image_url = %(image_url)s, remote_id = %(remote_id)s,
    content_type = %(content_type)s, data = null, source_url = null, reason = null
where user_id = %(user_id)s::uuid and image_id = %(image_id)s::uuid and state = 'waiting'
