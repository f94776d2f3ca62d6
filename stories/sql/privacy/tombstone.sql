-- Notes that a person was erased.
-- params: person_hash bytea, now timestamptz
-- columns: none
insert into tombstones (person_hash, erased_at) values (%(person_hash)s, %(now)s)
on conflict (person_hash) do update set erased_at = greatest(tombstones.erased_at, excluded.erased_at)
