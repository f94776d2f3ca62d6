-- Whether an upload waits while nobody takes any in.
-- params: lock bigint
-- columns: is_due boolean
select exists (select from uploads where state = 'waiting')
   and not exists (
       select from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted
         and classid::bigint = %(lock)s::bigint >> 32 and objid::bigint = %(lock)s::bigint & 4294967295
         and database = (select oid from pg_database where datname = current_database())
   ) as is_due
