-- A report is sent no more.
-- params: subscription_id integer
-- columns: none
delete from report_subscriptions where subscription_id = %(subscription_id)s::integer
