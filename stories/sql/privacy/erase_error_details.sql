-- Deletes some of a person's rows of error_details.
-- params: user_id uuid, app_id smallint (null: of every app), most integer
-- columns: none
delete from error_details
where user_id = %(user_id)s::uuid and (user_id, timestamp, dedupe_key) in (
    select user_id, timestamp, dedupe_key from error_details
    where user_id = %(user_id)s::uuid
      and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
    limit %(most)s
)
