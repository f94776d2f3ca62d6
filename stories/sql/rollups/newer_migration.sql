-- The newest migration of the database that a release does not have; null where there is none.
-- params: ours text[]
-- columns: newer text
select max(name) as newer
from schema_migrations
where name <> all (%(ours)s)
