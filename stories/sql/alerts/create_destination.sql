-- Makes a destination, unless there are too many.
-- params: name text, kind text, address text, secret text, created_by text, most integer
-- columns: destination_id integer (no row: too many)
insert into destinations (name, kind, address, secret, created_by)
select %(name)s, %(kind)s, %(address)s, %(secret)s, %(created_by)s
where (select count(*) from destinations) < %(most)s
returning destination_id
