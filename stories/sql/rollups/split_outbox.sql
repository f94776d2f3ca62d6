-- Splits an outbox row of several keys into two, both first in line.
-- params: id bigint
-- columns: none
with whole as (
    delete from outbox where id = %(id)s returning *
)
insert into outbox (id, kind, received_at, n, user_ids, timestamps, dedupe_keys)
overriding system value
select part.id, kind, received_at, part.last - part.first + 1, user_ids[part.first:part.last],
       timestamps[part.first:part.last], dedupe_keys[part.first:part.last]
from whole, lateral (values
    ((select min(id) from outbox) - 2, 1, n / 2),
    ((select min(id) from outbox) - 1, n / 2 + 1, n)
) as part (id, first, last)
