-- What an image that is stored as a file is, and whose.
-- params: image_id uuid
-- columns: content_type text, app_id smallint
select content_type, app_id from images
where image_id = %(image_id)s::uuid and state = 'stored' and remote_id is null
