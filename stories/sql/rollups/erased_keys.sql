-- The keys of a slice whose people were erased, dated before their erasure (of all apps, or of theirs).
-- params: person_digest bytea
-- columns: none
insert into erased_keys
select keys.*
from slice_keys as keys
where keys.kind <> 'session' and (exists (select from tombstones
              where person_hash = sha256(%(person_digest)s || uuid_send(keys.user_id))
                and keys.timestamp <= erased_at)
   or exists (select from tombstones, apps
              where person_hash = sha256(%(person_digest)s || uuid_send(keys.user_id) || int2send(app_id))
                and keys.timestamp <= erased_at
                and case when keys.kind = 'crash'
                    then exists (select from held_crashes as held
                                 where held.app_id = apps.app_id
                                   and (held.user_id, held.timestamp, held.dedupe_key)
                                     = (keys.user_id, keys.timestamp, keys.dedupe_key))
                    else exists (select from held_events as held
                                 where held.app_id = apps.app_id
                                   and (held.user_id, held.timestamp, held.dedupe_key)
                                     = (keys.user_id, keys.timestamp, keys.dedupe_key)) end))
