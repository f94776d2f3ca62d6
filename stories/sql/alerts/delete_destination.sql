-- Deletes a destination.
-- params: destination_id integer
-- columns: none
delete from destinations where destination_id = %(destination_id)s::integer
