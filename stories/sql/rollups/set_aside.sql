-- Sets one of the taken keys aside: it breaks the fold.
-- params: place bigint, reason text
-- columns: none
insert into set_aside (kind, user_id, timestamp, dedupe_key, reason)
select kind, user_id, timestamp, dedupe_key, %(reason)s from taken_keys where place = %(place)s
on conflict do nothing
