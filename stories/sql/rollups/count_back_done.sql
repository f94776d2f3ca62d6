-- A day has been counted back, or was left alone.
-- params: app_id smallint, day date, first_day date
-- columns: none
update counting_back set next_day = %(day)s::date - 1, first_day = %(first_day)s
where app_id = %(app_id)s
