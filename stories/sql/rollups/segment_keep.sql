-- Keeps what has been counted of a day by a segment.
-- params: app_id smallint, value text
-- columns: none
with segment as (
    select series_id from series where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), kept_events as (
    insert into public.event_series select * from pg_temp.event_series
    where series_id in (select series_id from segment)
), kept_labels as (
    insert into public.value_series select * from pg_temp.value_series
    where series_id in (select series_id from segment)
), kept_numbers as (
    insert into public.number_series select * from pg_temp.number_series
    where series_id in (select series_id from segment)
)
insert into public.daily_crashes select * from pg_temp.daily_crashes
where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
