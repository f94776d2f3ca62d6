-- Whether this transaction has the turn to take uploads in: one process at a time has it.
-- params: lock bigint
-- columns: mine boolean
select pg_try_advisory_xact_lock(%(lock)s::bigint) as mine
