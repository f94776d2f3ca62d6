-- Takes crashes out of the queue of those that are mapped anew.
-- params: user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[]
-- columns: none
delete from remap_queue as queue
using unnest(%(user_ids)s::uuid[], %(timestamps)s::timestamptz[], %(dedupe_keys)s::bigint[])
    as ended (user_id, timestamp, dedupe_key)
where (queue.user_id, queue.timestamp, queue.dedupe_key) = (ended.user_id, ended.timestamp, ended.dedupe_key)
