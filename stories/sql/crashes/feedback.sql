-- What people wrote about crashes or handled errors, as long as it is kept.
-- params: app_id smallint, keys bigint[] (dedupe keys of crashes), most integer
-- columns: about bigint[], timestamp timestamptz, message text
select about, timestamp, message
from contents
where app_id = %(app_id)s and about && %(keys)s::bigint[]
order by timestamp, dedupe_key
limit %(most)s
