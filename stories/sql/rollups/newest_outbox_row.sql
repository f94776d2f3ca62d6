-- The newest row of the outbox; null when nothing waits.
-- params: none
-- columns: newest bigint
select max(id) as newest from outbox
