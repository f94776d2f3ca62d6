-- Lets one transaction at a time name new groups of an app, so that their number an hour is exact.
-- params: app_id smallint
-- columns: pg_advisory_xact_lock void
select pg_advisory_xact_lock(hashtext('group_names'), %(app_id)s)
