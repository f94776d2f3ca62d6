-- Removes a key number.
-- params: key_number_id integer
-- columns: none
delete from key_numbers where key_number_id = %(key_number_id)s
