-- How much waits to be folded, up to about so many events.
-- params: most integer (events)
-- columns: waiting bigint
select coalesce(sum(n), 0) as waiting
from (
    select n from outbox where held_until is null or held_until <= now() order by id limit %(most)s
) as oldest
