-- A report is sent no more, nor what waits of it.
-- params: subscription_id integer
-- columns: none
with waiting as (
    delete from messages
    where kind = 'report' and sent_at is null
      and once like 'report:' || %(subscription_id)s::integer || ':%%'
)
delete from report_subscriptions where subscription_id = %(subscription_id)s::integer
