-- Links of an app are added by one transaction after the other, so that the first one stands.
-- params: app_id smallint
-- columns: pg_advisory_xact_lock void
select pg_advisory_xact_lock(hashtext('person_links'), %(app_id)s)
