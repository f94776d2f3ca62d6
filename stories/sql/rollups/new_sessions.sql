-- Sessions that the slice touches: those held (is_new false) and what replaces them, the union of what
-- touches. With a session_id that is all of a person's events with it; without one a chain of events, each
-- less than 30 minutes after the one before. Exact in any order of arrival.
-- Of the sessions held without an id only those within 30 minutes of what arrived are read: two late events
-- far apart do not touch what lies between them. They never overlap, so before each there is one at most.
-- Source, device and browser are those of the earliest event that names one; source_at and the like say
-- when that was, null if with the session's first event. Events of nobody at all make none: it would never end.
-- params: conversion integer (the flag of a conversion)
-- columns: none
with fresh as (
    select app_id, user_id, coalesce(session_id, '') as session_id, timestamp as at,
           (event = 'pageview')::integer as pages, (flags & %(conversion)s <> 0)::integer as conversions,
           properties ->> 'visit_source' as source, properties ->> 'device' as device,
           properties ->> 'browser' as browser
    from slice
    where kind = 'event' and has_session(user_id)
), fresh_chains as (
    select *, sum(begins) over (partition by app_id, user_id, session_id order by at
                                rows unbounded preceding) as chain
    from (
        select *, case when session_id <> '' then 0
                       when at - lag(at) over (partition by app_id, user_id, session_id order by at)
                            < interval '30 minutes' then 0
                       else 1 end as begins
        from fresh
    ) as marked
), arrived as materialized (
    select app_id, user_id, session_key(session_id) as session_key, min(at) as started_at, max(at) as ended_at, count(*) as events,
           sum(pages) as pages, sum(conversions) as conversions,
           (array_agg(source order by at, source) filter (where source is not null))[1] as source,
           (array_agg(device order by at, device) filter (where device is not null))[1] as device,
           (array_agg(browser order by at, browser) filter (where browser is not null))[1] as browser,
           min(at) filter (where source is not null) as source_at,
           min(at) filter (where device is not null) as device_at,
           min(at) filter (where browser is not null) as browser_at
    from fresh_chains
    group by app_id, user_id, session_id, chain
), held as (
    insert into new_sessions
    select distinct false, old.app_id, old.user_id, old.session_key, old.started_at, old.ended_at, old.events,
           old.pages, old.conversions, old.source, old.device, old.browser,
           coalesce(old.source_at, old.started_at), coalesce(old.device_at, old.started_at),
           coalesce(old.browser_at, old.started_at)
    from arrived, lateral (
        select * from held_sessions as sessions
        where arrived.session_key <> ''
          and (uuid_hash(sessions.user_id), session_hash(sessions.session_key))
            = (uuid_hash(arrived.user_id), session_hash(arrived.session_key))
          and (sessions.user_id, sessions.app_id, sessions.session_key)
            = (arrived.user_id, arrived.app_id, arrived.session_key)
        union all
        select * from (
            select * from held_sessions as sessions
            where arrived.session_key = ''
              and (uuid_hash(sessions.user_id), session_hash(sessions.session_key))
                = (uuid_hash(arrived.user_id), session_hash(''))
              and (sessions.user_id, sessions.app_id, sessions.session_key)
                = (arrived.user_id, arrived.app_id, '')
              and sessions.started_at <= arrived.started_at
            order by uuid_hash(sessions.user_id) desc, session_hash(sessions.session_key) desc,
                     sessions.started_at desc
            limit 1
        ) as before
        where before.ended_at > arrived.started_at - interval '30 minutes'
        union all
        select * from held_sessions as sessions
        where arrived.session_key = ''
          and (uuid_hash(sessions.user_id), session_hash(sessions.session_key))
            = (uuid_hash(arrived.user_id), session_hash(''))
          and (sessions.user_id, sessions.app_id, sessions.session_key)
            = (arrived.user_id, arrived.app_id, '')
          and sessions.started_at > arrived.started_at
          and sessions.started_at < arrived.ended_at + interval '30 minutes'
    ) as old
    returning app_id, user_id, session_key, started_at, ended_at, events, pages, conversions,
              source, device, browser, source_at, device_at, browser_at
), spans as (
    select * from arrived union all select * from held
), marked as (
    select *, case when session_key <> '' then 0
                   when started_at - max(ended_at) over so_far < interval '30 minutes' then 0
                   else 1 end as begins
    from spans
    window so_far as (partition by app_id, user_id, session_key order by started_at, ended_at
                      rows between unbounded preceding and 1 preceding)
), chained as (
    select *, sum(begins) over (partition by app_id, user_id, session_key
                                order by started_at, ended_at rows unbounded preceding) as chain
    from marked
), joined as (
    select app_id, user_id, session_key, min(started_at) as started_at, max(ended_at) as ended_at,
           sum(events) as events, sum(pages) as pages, sum(conversions) as conversions,
           (array_agg(source order by source_at, source) filter (where source is not null))[1] as source,
           (array_agg(device order by device_at, device) filter (where device is not null))[1] as device,
           (array_agg(browser order by browser_at, browser) filter (where browser is not null))[1] as browser,
           min(source_at) filter (where source is not null) as source_at,
           min(device_at) filter (where device is not null) as device_at,
           min(browser_at) filter (where browser is not null) as browser_at
    from chained
    group by app_id, user_id, session_key, chain
)
insert into new_sessions
select true, app_id, user_id, session_key, started_at, ended_at, events, pages, conversions,
       source, device, browser, nullif(source_at, started_at), nullif(device_at, started_at),
       nullif(browser_at, started_at)
from joined
