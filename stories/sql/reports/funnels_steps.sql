-- Events that match a step of a funnel, by person, session and time, with the steps they match; testers'
-- left out. The session of an event without a session_id is the chain it lies in, named by its start.
-- Events of one instant come in the order of the steps: which was first is not known.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), steps text (JSON array of
--   {event, prefix}; a prefix is one of a page view's path), by_session boolean
-- columns: user_id uuid, session_id text, timestamp timestamptz, matched bigint[]
with steps as materialized (
    select place, item ->> 'event' as event, item ->> 'prefix' as prefix
    from json_array_elements(%(steps)s::json) with ordinality as step (item, place)
)
select matching.user_id,
       case when not %(by_session)s then ''
            when matching.session_id <> '' then matching.session_id
            else ' ' || chain.started_at
       end as session_id,
       matching.timestamp, matching.matched
from (
    select events.app_id, events.user_id, events.session_id, events.timestamp, events.dedupe_key,
           array_agg(steps.place order by steps.place) as matched
    from events
    join steps on steps.event = events.event
               or events.event = 'pageview' and starts_with(events.properties ->> 'path', steps.prefix)
    where events.app_id = %(app_id)s and events.timestamp >= %(start)s and events.timestamp < %(end)s
      and events.user_id not in (select user_id from testers where app_id is null or app_id = %(app_id)s)
    group by events.app_id, events.user_id, events.session_id, events.timestamp, events.dedupe_key
) as matching
left join sessions as chain
    on chain.user_id = matching.user_id and chain.app_id = matching.app_id and chain.session_id = ''
   and matching.timestamp between chain.started_at and chain.ended_at
   and %(by_session)s and coalesce(matching.session_id, '') = ''
order by 1, 2, 3, 4, matching.dedupe_key
