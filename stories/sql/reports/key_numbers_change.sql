-- A key number as it is to be.
-- params: key_number_id integer, name text, measure text, event text, property text, value text, segment_id integer
-- columns: none
update key_numbers
set name = %(name)s, measure = %(measure)s, event = %(event)s, property = %(property)s, value = %(value)s,
    segment_id = %(segment_id)s
where key_number_id = %(key_number_id)s
