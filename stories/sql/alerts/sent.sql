-- Notes that a message has been sent.
-- params: message_id uuid, answer text
-- columns: none
with sent as (
    update messages set sent_at = now(), claimed_until = null, failed_at = null, last_error = null,
        answer = %(answer)s
    where message_id = %(message_id)s::uuid
    returning destination_id
)
update destinations set last_sent_at = now(), last_error = null
where destination_id in (select destination_id from sent)
