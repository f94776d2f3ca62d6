-- The names of the migrations that the database has had.
-- params: none
-- columns: name text
select name from schema_migrations
