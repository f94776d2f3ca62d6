-- Whether a fold is worth its fixed cost: a good deal waits for it, or something has waited for as long as it may.
-- params: seconds double precision, enough integer (events)
-- columns: due boolean
select coalesce(sum(n) >= %(enough)s or min(received_at) <= now() - make_interval(secs => %(seconds)s), false) as due
from (
    select n, greatest(received_at, held_until) as received_at from outbox
    where held_until is null or held_until <= now() order by id limit %(enough)s
) as oldest
