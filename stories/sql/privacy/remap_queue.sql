-- What is held of a person in `remap_queue`: which of their crashes are to be mapped anew.
-- params: user_id uuid, app_id smallint (null: of every app)
-- columns: kind text, timestamp timestamptz, dedupe_key bigint, app_id smallint, since timestamptz
select kind, timestamp, dedupe_key, app_id, since
from remap_queue
where user_id = %(user_id)s::uuid and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp
