-- Waits until no other transaction has the turn, and has it to the end of this one; lock_timeout is how long.
-- params: turn bigint
-- columns: pg_advisory_xact_lock void
select pg_advisory_xact_lock(%(turn)s)
