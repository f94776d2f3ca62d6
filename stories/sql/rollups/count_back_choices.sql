-- Which values count by their own name on a day and on the thirty before, as the fold looks at them.
-- params: app_id smallint, day date
-- columns: none
insert into kept_values
select kept.* from public.kept_values as kept
where kept.app_id = %(app_id)s and kept.day between %(day)s::date - 30 and %(day)s::date
