-- Notes what the database takes, once a day: to add it up is a look at every file.
-- params: day date
-- columns: none
insert into database_sizes (day, bytes)
select %(day)s::date, pg_database_size(current_database())
where not exists (select from database_sizes where day = %(day)s::date)
on conflict (day) do nothing
