-- Whether a crash waits to be mapped, or its minidump to be walked, while no process does so.
-- params: lock bigint
-- columns: is_due boolean
select (exists (select from outbox where held_until is not null) or exists (select from remap_queue)
        or exists (select 1 from minidumps join crashes using (user_id, timestamp, dedupe_key, app_id)
                   where walked_at is null and at < now() - interval '70 seconds'))
   and not exists (
       select from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted
         and classid::bigint = %(lock)s::bigint >> 32 and objid::bigint = %(lock)s::bigint & 4294967295
         and database = (select oid from pg_database where datname = current_database())
   ) as is_due
