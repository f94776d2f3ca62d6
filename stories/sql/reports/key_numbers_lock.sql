-- Changes of an app's key numbers take turns, since they keep an order.
-- params: app_id smallint
-- columns: none
select from apps where app_id = %(app_id)s for update
