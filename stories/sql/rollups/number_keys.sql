-- Numbers all that was taken, for a slice that failed and is tried again in parts.
-- params: none
-- columns: none
insert into taken_keys
select row_number() over (order by timestamp, dedupe_key), kind, user_id, timestamp, dedupe_key
from slice_keys
