-- Months of events that ended before a moment and that take more than so many bytes, indexes included.
-- params: before timestamptz, bytes bigint
-- columns: name text, bytes bigint
select child.relname::text as name, pg_total_relation_size(child.oid) as bytes
from pg_inherits
join pg_class as parent on parent.oid = pg_inherits.inhparent
join pg_class as child on child.oid = pg_inherits.inhrelid
where parent.relname = 'events' and child.relkind = 'r'
  and (to_date(right(child.relname::text, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= %(before)s::timestamptz
  and pg_total_relation_size(child.oid) > %(bytes)s::bigint
order by child.relname
