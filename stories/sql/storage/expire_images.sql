-- Deletes some of an app's images from before a time; those stored outside are queued for deletion there.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
with gone as (
    delete from images
    where app_id = %(app_id)s and timestamp < %(cutoff)s
      and (user_id, timestamp, dedupe_key) in (
        select user_id, timestamp, dedupe_key from images where app_id = %(app_id)s and timestamp < %(cutoff)s limit %(most)s
    )
    returning image_id, remote_id
), queued as (
    insert into image_deletions (image_id, remote_id)
    select image_id, remote_id from gone
    on conflict do nothing
)
select image_id from gone
