-- Sets the one event of an outbox row aside.
-- params: id bigint, reason text
-- columns: none
with broken as (
    delete from outbox where id = %(id)s returning kind, user_ids[1], timestamps[1], dedupe_keys[1]
)
insert into set_aside (kind, user_id, timestamp, dedupe_key, reason)
select broken.*, %(reason)s from broken
on conflict do nothing
