-- Indexes of a table, and of what it keeps of long values, that an interrupted REINDEX … CONCURRENTLY left behind.
-- params: table_name text
-- columns: schema text, name text
select nspname::text as schema, held.relname::text as name
from pg_class as owner
join pg_index on indrelid in (owner.oid, owner.reltoastrelid)
join pg_class as held on held.oid = indexrelid
join pg_namespace on pg_namespace.oid = held.relnamespace
where owner.oid = %(table_name)s::text::regclass and not indisvalid
