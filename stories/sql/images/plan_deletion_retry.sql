-- Plans the next try of a deletion.
-- params: image_id uuid, next_try timestamptz
-- columns: none
update image_deletions set next_try = %(next_try)s where image_id = %(image_id)s::uuid
