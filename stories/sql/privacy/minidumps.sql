-- What is held of a person in `minidumps`: that there is one, for a day at most. What stands in it, the memory of a
-- process, is given to nobody.
-- params: user_id uuid, app_id smallint (null: of every app)
-- columns: timestamp timestamptz, dedupe_key bigint, app_id smallint, bytes integer, at timestamptz
select timestamp, dedupe_key, app_id, bytes, at
from minidumps
where user_id = %(user_id)s::uuid and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
order by timestamp
