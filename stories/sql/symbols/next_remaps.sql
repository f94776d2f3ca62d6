-- Those to be mapped anew, the ones that nothing went wrong with first.
-- params: most integer
-- columns: kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, attempts smallint
select kind, user_id, timestamp, dedupe_key, attempts
from remap_queue
order by attempts, timestamp
limit %(most)s::integer
