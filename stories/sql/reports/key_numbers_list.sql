-- An app's key numbers, in their order.
-- params: app_id smallint
-- columns: key_number_id integer, app_id smallint, place smallint, name text, measure text, event text,
--   property text, value text, segment_id integer
select key_number_id, app_id, place, name, measure, event, property, value, segment_id
from key_numbers
where app_id = %(app_id)s
order by place, key_number_id
