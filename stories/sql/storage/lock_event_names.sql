-- Lets one transaction at a time name new events of an app, so that their number is exact.
-- params: app_id smallint
-- columns: pg_advisory_xact_lock void
select pg_advisory_xact_lock(hashtext('event_names'), %(app_id)s)
