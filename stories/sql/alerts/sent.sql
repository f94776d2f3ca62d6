-- Notes that a message has been sent.
-- params: message_id uuid
-- columns: none
with sent as (
    update messages set sent_at = now(), claimed_until = null, last_error = null
    where message_id = %(message_id)s::uuid
    returning destination_id
)
update destinations set last_sent_at = now(), last_error = null
where destination_id in (select destination_id from sent)
