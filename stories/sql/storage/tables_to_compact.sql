-- Tables of more than so many bytes, months aside, that take more room a row than when they were rebuilt last (`grown`
-- times), the largest first. On Citus the coordinator's shells of distributed tables have no size.
-- params: bytes bigint, grown double precision
-- columns: name text, bytes bigint
select held.relname::text as name, bytes
from pg_class as held
cross join lateral (select pg_total_relation_size(held.oid) as bytes offset 0) as measured
left join compacted_tables as compacted on compacted.name = held.relname
where relnamespace = 'public'::regnamespace and relkind = 'r' and not relispartition
  and reltuples > 0 and bytes > %(bytes)s::bigint
  and (compacted.name is null or bytes > reltuples * compacted.bytes_a_row * %(grown)s::double precision)
order by bytes desc
