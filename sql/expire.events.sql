-- Deletes an app's events from before a time.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
delete from events
where app_id = %(app_id)s and timestamp < %(cutoff)s
