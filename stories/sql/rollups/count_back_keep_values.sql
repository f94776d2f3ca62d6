-- Keeps the recount of a day.
-- params: app_id smallint, day date
-- columns: none
insert into public.value_series select * from pg_temp.value_series
where day = %(day)s and series_id in (select series_id from series where app_id = %(app_id)s)
