-- Notes what the database takes on a day.
-- params: day date
-- columns: none
insert into database_sizes (day, bytes) values (%(day)s::date, pg_database_size(current_database()))
on conflict (day) do update set bytes = excluded.bytes
