-- The newest row of the outbox that is not held; null when nothing waits.
-- params: none
-- columns: newest bigint
select max(id) as newest from outbox where held_until is null or held_until <= now()
