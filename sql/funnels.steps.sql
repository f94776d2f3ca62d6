-- Events that match a step of a funnel, by person, session and time, with the steps they match.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), steps text (JSON array of
--   {event, prefix}; a prefix is one of a page view's path), by_session boolean
-- columns: user_id uuid, session_id text, timestamp timestamptz, matched bigint[]
select user_id, coalesce(session_id, '') as session_id, timestamp, matched.steps as matched
from events, lateral (
    select array_agg(place) as steps
    from json_array_elements(%(steps)s::json) with ordinality as step (item, place)
    where events.event = item ->> 'event'
       or events.event = 'pageview' and starts_with(events.properties ->> 'path', item ->> 'prefix')
) as matched
where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
  and matched.steps is not null
order by user_id, case when %(by_session)s then coalesce(session_id, '') end, timestamp, dedupe_key
