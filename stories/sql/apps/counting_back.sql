-- How many days have been counted back, of how many, and since which one the counts are whole.
-- params: app_id smallint
-- columns: done integer, of integer, whole_since date
select last_day - next_day as done, last_day - first_day + 1 as of, next_day + 1 as whole_since
from counting_back
where app_id = %(app_id)s
