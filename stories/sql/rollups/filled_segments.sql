-- Segments that the fold counts by, up to a day each.
-- params: none
-- columns: app_id smallint, place smallint, filter jsonb, filled_until text (a date, or infinity)
select app_id, place, filter, filled_until::text as filled_until
from segments
where filled_until > '-infinity'
order by app_id, place
