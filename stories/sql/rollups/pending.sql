-- Whether something waits to be folded, no newer than a row of the outbox.
-- params: newest bigint (null: whatever waits)
-- columns: pending boolean
select exists (
    select from outbox
    where (held_until is null or held_until <= now()) and (%(newest)s::bigint is null or id <= %(newest)s::bigint)
) as pending
