-- Changes a destination's name or address.
-- params: destination_id integer, name text, address text
-- columns: none
update destinations set name = coalesce(%(name)s, name), address = coalesce(%(address)s, address)
where destination_id = %(destination_id)s::integer
