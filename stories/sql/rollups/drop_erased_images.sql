-- Removes the images that the slice names of erased people; what is stored outside is queued for
-- deletion there.
-- params: none
-- columns: none
with gone as (
    delete from images using erased_keys as keys
    where keys.kind = 'event'
      and (images.user_id, images.timestamp, images.dedupe_key)
        = (keys.user_id, keys.timestamp, keys.dedupe_key)
    returning image_id, remote_id
)
insert into image_deletions (image_id, remote_id)
select image_id, remote_id from gone
on conflict do nothing
