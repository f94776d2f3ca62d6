-- The order of an app's key numbers, by their ids.
-- params: ids integer[]
-- columns: none
update key_numbers set place = ordered.place - 1
from unnest(%(ids)s::integer[]) with ordinality as ordered (key_number_id, place)
where key_numbers.key_number_id = ordered.key_number_id
