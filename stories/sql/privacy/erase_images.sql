-- Deletes some of a person's images; what is stored outside the database is queued for deletion there.
-- params: user_id uuid, app_id smallint (null: of every app), most integer
-- columns: none
with gone as (
    delete from images
    where user_id = %(user_id)s::uuid and (user_id, timestamp, dedupe_key) in (
        select user_id, timestamp, dedupe_key from images
        where user_id = %(user_id)s::uuid
          and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
        limit %(most)s
    )
    returning image_id, remote_id
), queued as (
    insert into image_deletions (image_id, remote_id)
    select image_id, remote_id from gone
    on conflict do nothing
)
select image_id from gone
