-- A new key number, the last in the order.
-- params: app_id smallint, name text, measure text, event text, property text, value text, segment_id integer
-- columns: key_number_id integer
insert into key_numbers (app_id, place, name, measure, event, property, value, segment_id)
select %(app_id)s, coalesce(max(place) + 1, 0), %(name)s, %(measure)s, %(event)s, %(property)s, %(value)s,
       %(segment_id)s
from key_numbers
where app_id = %(app_id)s
returning key_number_id
