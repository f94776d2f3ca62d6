-- What each table takes, its partitions and indexes included; big ones first. Rows of a table that has not
-- been analysed yet are those that the statistics have seen.
-- params: none
-- columns: name text, bytes bigint, rows bigint
select coalesce(parent.relname, own.relname)::text as name,
       sum(pg_total_relation_size(own.oid))::bigint as bytes,
       sum(case when own.reltuples < 0 then pg_stat_get_live_tuples(own.oid) else own.reltuples end)::bigint as rows
from pg_class own
left join pg_inherits on pg_inherits.inhrelid = own.oid
left join pg_class parent on parent.oid = pg_inherits.inhparent
where own.relkind = 'r' and own.relnamespace = 'public'::regnamespace
group by 1
order by 2 desc, 1
