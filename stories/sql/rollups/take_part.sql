-- A part of what was taken, as the slice to try next.
-- params: first bigint, last bigint
-- columns: none
insert into slice_keys
select kind, user_id, timestamp, dedupe_key from taken_keys where place between %(first)s and %(last)s
