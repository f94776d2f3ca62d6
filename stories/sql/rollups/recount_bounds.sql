-- The times of the first and the last event or crash held.
-- params: none
-- columns: first timestamptz, last timestamptz
select min(first) as first, max(last) as last
from (
    select min(bounds.first) as first, max(bounds.last) as last
    from apps, lateral (select min(timestamp) as first, max(timestamp) as last
                        from events where events.app_id = apps.app_id) as bounds
    union all
    select min(bounds.first), max(bounds.last)
    from apps, lateral (select min(timestamp) as first, max(timestamp) as last
                        from crashes where crashes.app_id = apps.app_id) as bounds
) as both_tables
