-- Takes a destination out of all that sends to it, with what waits for it.
-- params: destination_id integer
-- columns: none
with rules as (
    update alert_rules set destination_ids = array_remove(destination_ids, %(destination_id)s::integer)
    where %(destination_id)s::integer = any (destination_ids)
), reports as (
    delete from report_subscriptions where destination_id = %(destination_id)s::integer
)
delete from messages where destination_id = %(destination_id)s::integer and sent_at is null
