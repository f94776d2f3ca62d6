-- Keeps the choices of values that counting a day again came upon.
-- params: app_id smallint, day date
-- columns: none
insert into public.kept_values
select * from pg_temp.kept_values where app_id = %(app_id)s and day = %(day)s
on conflict do nothing
