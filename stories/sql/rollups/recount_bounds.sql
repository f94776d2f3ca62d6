-- When an app's oldest and its newest event or crash was.
-- params: app_id smallint
-- columns: first timestamptz, last timestamptz
select min(first) as first, max(last) as last
from (
    select min(timestamp) as first, max(timestamp) as last from events where app_id = %(app_id)s
    union all
    select min(first_at), max(last_at) from event_chunks where app_id = %(app_id)s
    union all
    select min(timestamp), max(timestamp) from crashes where app_id = %(app_id)s
) as all_tables
