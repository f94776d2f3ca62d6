-- Deletes some of what is kept beside an app's crashes and handled errors from before a time.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from error_details
where app_id = %(app_id)s and timestamp < %(cutoff)s
  and (user_id, timestamp, dedupe_key) in (
    select user_id, timestamp, dedupe_key from error_details
    where app_id = %(app_id)s and timestamp < %(cutoff)s
    limit %(most)s
)
