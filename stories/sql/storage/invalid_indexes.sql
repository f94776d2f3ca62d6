-- Indexes of a table that an interrupted REINDEX … CONCURRENTLY left behind.
-- params: table_name text
-- columns: name text
select indexrelid::regclass::text as name
from pg_index
where indrelid = %(table_name)s::text::regclass and not indisvalid
