-- Waits until no other server is migrating, and keeps others out to the end of the transaction.
-- params: key bigint
-- columns: pg_advisory_xact_lock void
select pg_advisory_xact_lock(%(key)s)
