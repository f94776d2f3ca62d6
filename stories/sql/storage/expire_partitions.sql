-- Months of events, their chunks and crashes that end before the first one kept.
-- params: first_kept date
-- columns: parent text, name text
select parent.relname::text as parent, child.relname::text as name
from pg_inherits
join pg_class as parent on parent.oid = pg_inherits.inhparent
join pg_class as child on child.oid = pg_inherits.inhrelid
where parent.relname in ('events', 'event_chunks', 'crashes') and child.relkind = 'r'
  and to_date(right(child.relname::text, 7), 'YYYY_MM') < %(first_kept)s
order by child.relname
