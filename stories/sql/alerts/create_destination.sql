-- Makes a destination, unless its name is taken or there are too many. It cannot fail on the name: PostgreSQL
-- would log the statement, with the address.
-- params: name text, kind text, address text, secret text, created_by text, most integer
-- columns: destination_id integer (no row: it was not made)
insert into destinations (name, kind, address, secret, created_by)
select %(name)s, %(kind)s, %(address)s, %(secret)s, %(created_by)s
where (select count(*) from destinations) < %(most)s
on conflict (name) do nothing
returning destination_id
