-- Deletes what is kept of a day, to put the recount in its place.
-- params: app_id smallint, day date
-- columns: none
delete from public.number_series
where day = %(day)s and series_id in (select series_id from series where app_id = %(app_id)s)
