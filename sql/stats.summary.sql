-- A first answer from the raw events of all desktop apps.
-- params: now timestamptz
-- columns: total_users bigint, active_users_7d bigint, events_today bigint
select count(distinct user_id) as total_users,
       count(distinct user_id) filter (where timestamp >= date_trunc('day', %(now)s::timestamptz, 'UTC')
                                                          - interval '6 days') as active_users_7d,
       count(*) filter (where timestamp >= date_trunc('day', %(now)s::timestamptz, 'UTC'))
           as events_today
from events
where app_id in (select app_id from apps where kind = 'desktop')
