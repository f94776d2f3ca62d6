-- One claims at a time: two that look at once would both see no message on its way to a destination.
-- params: lock bigint
-- columns: none
select pg_advisory_xact_lock(%(lock)s)
