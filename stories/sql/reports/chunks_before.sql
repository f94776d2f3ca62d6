-- When the oldest event is of an app's latest chunks that hold one from before a moment.
-- params: app_id smallint, before timestamptz, most integer (chunks)
-- columns: first_at timestamptz
select min(first_at) as first_at
from (
    select first_at from event_chunks
    where app_id = %(app_id)s::smallint and first_at < %(before)s::timestamptz
    order by last_at desc
    limit %(most)s::integer
) as latest
