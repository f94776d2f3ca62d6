-- Whether this transaction is the one that counts back: only one does.
-- params: none
-- columns: mine boolean
select pg_try_advisory_xact_lock(7266004) as mine
