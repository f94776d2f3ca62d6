-- Whether a crash waits to be mapped while no process maps any.
-- params: lock bigint
-- columns: is_due boolean
select (exists (select from outbox where held_until is not null) or exists (select from remap_queue))
   and not exists (
       select from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted
         and classid::bigint = %(lock)s::bigint >> 32 and objid::bigint = %(lock)s::bigint & 4294967295
         and database = (select oid from pg_database where datname = current_database())
   ) as is_due
