-- Deletes some of an app's events from before a time; not those of months that are dropped whole.
-- params: app_id smallint, cutoff timestamptz, first_kept date, most integer
-- columns: none
delete from events
where app_id = %(app_id)s and timestamp < %(cutoff)s
  and (user_id, timestamp, dedupe_key) in (
    select user_id, timestamp, dedupe_key from events
    where app_id = %(app_id)s and timestamp < %(cutoff)s
      and timestamp >= %(first_kept)s::timestamp at time zone 'UTC'
    limit %(most)s
)
