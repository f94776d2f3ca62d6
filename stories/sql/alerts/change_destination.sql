-- Changes a destination's name or address, unless its new name is another's.
-- params: destination_id integer, name text, address text
-- columns: none
update destinations set name = coalesce(%(name)s, name), address = coalesce(%(address)s, address)
where destination_id = %(destination_id)s::integer
  and not exists (select from destinations as others
                  where others.name = %(name)s and others.destination_id <> %(destination_id)s::integer)
