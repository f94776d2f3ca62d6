-- Notes that a person was erased: nothing dated up to then is taken in.
-- params: person_hash bytea, until timestamptz
-- columns: none
insert into tombstones (person_hash, erased_at) values (%(person_hash)s, %(until)s)
on conflict (person_hash) do update set erased_at = greatest(tombstones.erased_at, excluded.erased_at)
