-- One report, by its number or by the key of its unsubscribe link.
-- params: subscription_id integer, unsubscribe_key text (one of them null)
-- columns: subscription_id integer, app_id smallint, destination_id integer, destination text, every text
select subscription_id, report_subscriptions.app_id, destination_id, destinations.name as destination, every
from report_subscriptions join destinations using (destination_id)
where subscription_id = %(subscription_id)s::integer or unsubscribe_key = %(unsubscribe_key)s::text
