-- Keeps a report from being ended until the transaction is over.
-- params: subscription_id integer
-- columns: subscription_id integer (no row: it was ended)
select subscription_id from report_subscriptions where subscription_id = %(subscription_id)s::integer for share
