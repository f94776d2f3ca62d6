-- What an image that is stored as a file is.
-- params: image_id uuid
-- columns: content_type text
select content_type from images
where image_id = %(image_id)s::uuid and state = 'stored' and remote_id is null
