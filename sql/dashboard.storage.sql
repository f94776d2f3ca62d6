-- What each table takes, its partitions and indexes included; big ones first.
-- params: none
-- columns: name text, bytes bigint, rows bigint
select coalesce(parent.relname, own.relname)::text as name,
       sum(pg_total_relation_size(own.oid))::bigint as bytes,
       sum(greatest(own.reltuples, 0))::bigint as rows
from pg_class own
left join pg_inherits on pg_inherits.inhrelid = own.oid
left join pg_class parent on parent.oid = pg_inherits.inhparent
where own.relkind = 'r' and own.relnamespace = 'public'::regnamespace
group by 1
order by 2 desc, 1
