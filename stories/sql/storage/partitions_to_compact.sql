-- Months that ended before a day and whose indexes have not been rebuilt since.
-- params: before date
-- columns: name text
select child.relname::text as name
from pg_inherits
join pg_class as parent on parent.oid = pg_inherits.inhparent
join pg_class as child on child.oid = pg_inherits.inhrelid
where parent.relname in ('events', 'crashes') and child.relkind = 'r'
  and (to_date(right(child.relname::text, 7), 'YYYY_MM') + interval '1 month') < %(before)s
  and obj_description(child.oid, 'pg_class') is distinct from 'compacted'
order by child.relname
