-- A day of an app by hours since its midnight, and (hour null) the part of it before `until`, from its events
-- and crashes; testers' left out. Durations and costs are those of transcriptions and of successful
-- recordings apart: METRICS.md's rule chooses by the whole day. New people: whose first event is of the day, at
-- their first match of it.
-- params: app_id smallint, day date, start timestamptz, end timestamptz (exclusive), until timestamptz (exclusive),
--   matches boolean (of events), crash_matches boolean (of crashes)
-- columns: hour integer, events bigint, active_users bigint, new_users bigint, recordings bigint,
--   transcriptions bigint, failures bigint, unsuccessful bigint, durations bigint, seconds numeric,
--   recorded_seconds numeric, costs bigint, cost numeric, recorded_cost numeric, crashes bigint,
--   crashed_users bigint, people bigint
with happened as materialized (
    select user_id, case when is_person(user_id) then user_id end as person, timestamp, event,
           event in ('transcription_completed', 'recording_completed')
               and properties -> 'success' = 'false'::jsonb as failed,
           case when event in ('transcription_completed', 'recording_completed')
               then coalesce(countable_number(properties -> 'audio_duration_seconds'),
                             countable_number(properties -> 'duration_seconds')) end as seconds,
           case when event in ('transcription_completed', 'recording_completed')
               then coalesce(countable_number(properties -> 'estimated_cost_usd'),
                             countable_number(properties -> 'cost_usd')) end as cost
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
      and %(matches)s
    union all
    select user_id, case when is_person(user_id) then user_id end, timestamp, null, null, null, null
    from crashes
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
      and %(crash_matches)s
      and user_id not in (select user_id from testers where app_id is null or app_id = %(app_id)s::smallint)
), arrived as materialized (
    select firsts.user_id, firsts.at
    from (select user_id, min(timestamp) as at from happened where event is not null group by user_id) as firsts
    join users on users.user_id = firsts.user_id and users.app_id = %(app_id)s::smallint
    where users.first_day = %(day)s::date
), placed as (
    select floor(extract(epoch from happened.timestamp - %(start)s::timestamptz) / 3600)::integer as hour,
           happened.*, arrived.user_id as new_user_id
    from happened
    left join arrived on arrived.user_id = happened.user_id and arrived.at = happened.timestamp
                     and happened.event is not null
    union all
    select null, happened.*, arrived.user_id
    from happened
    left join arrived on arrived.user_id = happened.user_id and arrived.at = happened.timestamp
                     and happened.event is not null
    where happened.timestamp < %(until)s::timestamptz
)
select hour, count(event) as events, count(distinct person) filter (where event is not null) as active_users,
       count(distinct new_user_id) as new_users,
       count(*) filter (where event = 'recording_completed') as recordings,
       count(*) filter (where event = 'transcription_completed') as transcriptions,
       count(*) filter (where event = 'transcription_failed') as failures,
       count(*) filter (where event = 'transcription_completed' and failed) as unsuccessful,
       count(seconds) filter (where event = 'transcription_completed') as durations,
       coalesce(sum(seconds) filter (where event = 'transcription_completed'), 0) as seconds,
       coalesce(sum(seconds) filter (where event = 'recording_completed' and failed is not true), 0)
           as recorded_seconds,
       count(cost) filter (where event = 'transcription_completed') as costs,
       coalesce(sum(cost) filter (where event = 'transcription_completed'), 0) as cost,
       coalesce(sum(cost) filter (where event = 'recording_completed' and failed is not true), 0)
           as recorded_cost,
       count(*) filter (where event is null) as crashes,
       count(distinct person) filter (where event is null) as crashed_users,
       count(distinct person) as people
from placed
group by hour
order by hour
