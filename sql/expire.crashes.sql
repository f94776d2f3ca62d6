-- Deletes an app's crashes from before a time.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
delete from crashes
where app_id = %(app_id)s and timestamp < %(cutoff)s
