-- Whether somebody holds an advisory lock.
-- params: lock bigint
-- columns: is_locked boolean
select exists (
    select from pg_locks
    where locktype = 'advisory' and objsubid = 1 and granted
      and classid::bigint = %(lock)s::bigint >> 32 and objid::bigint = %(lock)s::bigint & 4294967295
      and database = (select oid from pg_database where datname = current_database())
) as is_locked
