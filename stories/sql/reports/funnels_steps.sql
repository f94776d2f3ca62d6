-- Events that match a step of a funnel, by person, session and time, with the steps they match; testers'
-- left out. The session of an event without a session_id is the chain it belongs to, named by its start.
-- Events of one instant come in the order of the steps: which was first is not known.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), steps text (JSON array of
--   {event, prefix}; a prefix is one of a page view's path), by_session boolean
-- columns: user_id uuid, session_id text, timestamp timestamptz, matched bigint[]
with steps as materialized (
    select place, item ->> 'event' as event, item ->> 'prefix' as prefix
    from json_array_elements(%(steps)s::json) with ordinality as step (item, place)
)
select user_id, session.id as session_id, timestamp, matched.steps as matched
from events, lateral (
    select array_agg(place order by place) as steps
    from steps
    where steps.event = events.event
       or events.event = 'pageview' and starts_with(events.properties ->> 'path', steps.prefix)
) as matched, lateral (
    select case when not %(by_session)s then ''
                when session_id <> '' then session_id
                else (select ' ' || max(chain.started_at) from sessions as chain
                      where (chain.user_id, chain.app_id) = (events.user_id, events.app_id)
                        and chain.session_id = '' and chain.started_at <= events.timestamp)
           end as id
) as session
where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
  and matched.steps is not null
  and user_id not in (select user_id from testers where app_id is null or app_id = %(app_id)s)
order by user_id, session.id, timestamp, matched.steps, dedupe_key
