-- Keeps what has been counted of a day by a segment.
-- params: app_id smallint, value text
-- columns: none
with kept_events as (
    insert into public.daily_events select * from pg_temp.daily_events
    where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), kept_labels as (
    insert into public.daily_values select * from pg_temp.daily_values
    where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), kept_numbers as (
    insert into public.daily_numbers select * from pg_temp.daily_numbers
    where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
)
insert into public.daily_crashes select * from pg_temp.daily_crashes
where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
