-- Whether the database has the table that lists its migrations; an empty one has not.
-- params: none
-- columns: was_migrated boolean
select to_regclass('schema_migrations') is not null as was_migrated
