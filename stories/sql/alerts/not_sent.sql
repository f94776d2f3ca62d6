-- Notes why a message could not be sent, and when it is tried again.
-- params: message_id uuid, error text, seconds integer (null: it is not tried again)
-- columns: none
with tried as (
    update messages set
        claimed_until = null, last_error = %(error)s,
        due_at = coalesce(now() + make_interval(secs => %(seconds)s::integer), due_at),
        failed_at = case when %(seconds)s::integer is null then now() end
    where message_id = %(message_id)s::uuid and sent_at is null
    returning destination_id
)
update destinations set last_error = %(error)s
where destination_id in (select destination_id from tried)
