-- The app of a key number.
-- params: key_number_id integer
-- columns: app_id smallint
select app_id from key_numbers where key_number_id = %(key_number_id)s
