-- Whether this transaction alone looks at rules.
-- params: lock bigint
-- columns: mine boolean
select pg_try_advisory_xact_lock(%(lock)s) as mine
