-- Keeps the dump of a crash that is about to be stored, unless it is stored already, its person was erased, or the
-- app's dumps leave no room. A dump that is there already, of a crash whose append failed, is as good.
-- params: user_id uuid, timestamp timestamptz, dedupe_key bigint, app_id smallint, dump bytea, person_digest bytea,
--   most integer (dumps), most_bytes bigint, more_bytes integer (of this one)
-- columns: is_kept boolean
with stored as (
    insert into minidumps (user_id, timestamp, dedupe_key, app_id, dump, bytes)
    select %(user_id)s::uuid, %(timestamp)s::timestamptz, %(dedupe_key)s::bigint, %(app_id)s::smallint, %(dump)s,
           %(more_bytes)s::integer
    from (select count(*) as n, coalesce(sum(bytes), 0) as bytes from minidumps where app_id = %(app_id)s::smallint) as kept
    where kept.n < %(most)s::integer and kept.bytes + %(more_bytes)s::integer <= %(most_bytes)s::bigint
      and not exists (
          select 1 from crashes
          where (user_id, timestamp, dedupe_key)
                = (%(user_id)s::uuid, %(timestamp)s::timestamptz, %(dedupe_key)s::bigint)
      )
      and not exists (
          select 1 from tombstones
          where person_hash in (sha256(%(person_digest)s || uuid_send(%(user_id)s::uuid)),
                                sha256(%(person_digest)s || uuid_send(%(user_id)s::uuid) || int2send(%(app_id)s::smallint)))
            and erased_at >= %(timestamp)s::timestamptz
      )
    on conflict do nothing
    returning 1
)
select exists (select 1 from stored) or exists (
    select 1 from minidumps
    where (user_id, timestamp, dedupe_key) = (%(user_id)s::uuid, %(timestamp)s::timestamptz, %(dedupe_key)s::bigint)
) as is_kept
