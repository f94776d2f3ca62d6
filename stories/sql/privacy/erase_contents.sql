-- Deletes some of a person's rows of contents.
-- params: user_id uuid, app_id smallint (null: of every app), most integer
-- columns: none
delete from contents
where user_id = %(user_id)s::uuid and (user_id, timestamp, dedupe_key) in (
    select user_id, timestamp, dedupe_key from contents
    where user_id = %(user_id)s::uuid
      and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
    limit %(most)s
)
