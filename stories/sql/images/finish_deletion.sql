-- An image is gone from its store.
-- params: image_id uuid
-- columns: none
delete from image_deletions where image_id = %(image_id)s::uuid
