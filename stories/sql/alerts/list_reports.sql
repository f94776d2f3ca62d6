-- Reports that are sent, of an app or of all.
-- params: app_id smallint (null: all)
-- columns: subscription_id integer, app_id smallint, destination_id integer, destination text, every text,
--   with_storage boolean, unsubscribe_key text, created_by text, created_at timestamptz
select subscription_id, report_subscriptions.app_id, destination_id, destinations.name as destination, every,
       with_storage, unsubscribe_key, report_subscriptions.created_by, report_subscriptions.created_at
from report_subscriptions join destinations using (destination_id)
where %(app_id)s::smallint is null or report_subscriptions.app_id = %(app_id)s::smallint
order by destinations.name, every, subscription_id
