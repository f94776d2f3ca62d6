-- Plans a second look for an image that may have been on its way to the store.
-- params: image_id uuid, next_try timestamptz
-- columns: none
update image_deletions set remote_id = '', next_try = %(next_try)s
where image_id = %(image_id)s::uuid and remote_id is null
