-- Sessions that the slice touches: those held (is_new false) and what replaces them, the union of what
-- touches; source, device and browser are those of the earliest event. With a session_id that is all of a person's events with it; without one a chain of events,
-- each less than 30 minutes after the one before. Exact in any order of arrival.
-- params: conversion integer (the flag of a conversion)
-- columns: none
with fresh as (
    select app_id, user_id, coalesce(session_id, '') as session_id, timestamp as started_at,
           timestamp as ended_at, 1 as events, (event = 'pageview')::integer as pages,
           (flags & %(conversion)s <> 0)::integer as conversions,
           properties ->> 'visit_source' as source, properties ->> 'device' as device,
           properties ->> 'browser' as browser
    from slice
    where kind = 'event'
), touched as (
    select app_id, user_id, session_id, min(started_at) as first, max(started_at) as last
    from fresh
    group by app_id, user_id, session_id
), held as (
    insert into new_sessions
    select false, old.app_id, old.user_id, old.session_id, old.started_at, old.ended_at, old.events,
           old.pages, old.conversions, old.source, old.device, old.browser
    from touched join sessions as old using (user_id, app_id, session_id)
    where session_id <> ''
       or old.ended_at > touched.first - interval '30 minutes'
      and old.started_at < touched.last + interval '30 minutes'
    returning app_id, user_id, session_id, started_at, ended_at, events, pages, conversions,
              source, device, browser
), spans as (
    select * from fresh union all select * from held
), marked as (
    select *, case when session_id <> '' then 0
                   when started_at - max(ended_at) over so_far < interval '30 minutes' then 0
                   else 1 end as begins
    from spans
    window so_far as (partition by app_id, user_id, session_id order by started_at, ended_at
                      rows between unbounded preceding and 1 preceding)
), chained as (
    select *, sum(begins) over (partition by app_id, user_id, session_id
                                order by started_at, ended_at rows unbounded preceding) as chain
    from marked
)
insert into new_sessions
select true, app_id, user_id, session_id, min(started_at), max(ended_at), sum(events), sum(pages),
       sum(conversions),
       (array_agg(source order by started_at, source) filter (where source is not null))[1],
       (array_agg(device order by started_at, device) filter (where device is not null))[1],
       (array_agg(browser order by started_at, browser) filter (where browser is not null))[1]
from chained
group by app_id, user_id, session_id, chain
