-- Puts what was set aside back into the outbox, each for itself.
-- params: none
-- columns: none
with back as (
    delete from set_aside returning kind, user_id, timestamp, dedupe_key
)
insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
select kind, 1, array[user_id], array[timestamp], array[dedupe_key] from back
