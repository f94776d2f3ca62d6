-- Keeps the recount of a day.
-- params: app_id smallint, day date
-- columns: none
insert into public.daily_values select * from pg_temp.daily_values where app_id = %(app_id)s and day = %(day)s
