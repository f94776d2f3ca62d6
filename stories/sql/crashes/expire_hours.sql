-- Deletes hours of arrival before a time; group_hours.sql counts none that are older than 29 days.
-- params: app_id smallint, before timestamptz
-- columns: none
with departed as (
    delete from departed_group_hours where app_id = %(app_id)s and hour < %(before)s
)
delete from group_hours where app_id = %(app_id)s and hour < %(before)s
