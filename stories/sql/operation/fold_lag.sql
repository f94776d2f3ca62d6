-- Seconds since the oldest thing that waits to be folded was received; 0 when nothing waits.
-- params: none
-- columns: seconds double precision
select coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as seconds
from (
    select greatest(received_at, held_until) as received_at from outbox
    where held_until is null or held_until <= now() order by id limit 1
) as oldest
