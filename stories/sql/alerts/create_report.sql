-- Makes a report go to a destination, unless it does, there is no such destination, or there are too many.
-- params: app_id smallint, destination_id integer, every text, with_storage boolean,
--   unsubscribe_key text, created_by text, most integer
-- columns: subscription_id integer (no row: it was not made)
insert into report_subscriptions (app_id, destination_id, every, with_storage, unsubscribe_key, created_by)
select %(app_id)s::smallint, %(destination_id)s::integer, %(every)s, %(with_storage)s::boolean, %(unsubscribe_key)s, %(created_by)s
where exists (select from destinations where destination_id = %(destination_id)s::integer)
  and (select count(*) from report_subscriptions) < %(most)s
on conflict do nothing
returning subscription_id
