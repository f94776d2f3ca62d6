-- Notes how much room a table takes a row, just after it has been rebuilt.
-- params: name text
-- columns: none
insert into compacted_tables as held (name, bytes_a_row)
select relname, pg_total_relation_size(oid) / greatest(reltuples, 1)
from pg_class where oid = to_regclass(quote_ident(%(name)s::text))
on conflict (name) do update set bytes_a_row = excluded.bytes_a_row, compacted_at = now()
