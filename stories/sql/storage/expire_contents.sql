-- Deletes some of what an app's people and bots wrote before a time.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from contents
where app_id = %(app_id)s and timestamp < %(cutoff)s
  and (user_id, timestamp, dedupe_key) in (
    select user_id, timestamp, dedupe_key from contents where app_id = %(app_id)s and timestamp < %(cutoff)s limit %(most)s
)
