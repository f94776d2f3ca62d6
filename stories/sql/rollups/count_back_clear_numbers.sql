-- Deletes what is kept of a day, to put the recount in its place.
-- params: app_id smallint, day date
-- columns: none
delete from public.daily_numbers where app_id = %(app_id)s and day = %(day)s
