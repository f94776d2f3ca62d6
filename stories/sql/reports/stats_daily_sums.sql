-- Everything that is a sum, by day; days without anything have no row. Durations and costs go by
-- METRICS.md's rule: the day's transcriptions, or when none carries one, its recordings.
-- params: app_id smallint, dim text, value text, days_first date, days_last date
-- columns: day date, events bigint, recordings bigint, transcriptions bigint, failures bigint,
--   unsuccessful bigint, unsuccessful_recordings bigint, opened bigint, started bigint,
--   seconds numeric, cost numeric, crashes bigint
with counted as (
    select day, sum(n) as events,
           sum(n) filter (where event = 'recording_completed') as recordings,
           sum(n) filter (where event = 'transcription_completed') as transcriptions,
           sum(n) filter (where event = 'transcription_failed') as failures,
           sum(n) filter (where event = 'app_opened') as opened,
           sum(n) filter (where event = 'recording_started') as started
    from daily_events
    where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
      and day between %(days_first)s::date and %(days_last)s::date
    group by day
), refused as (
    select day, sum(n) filter (where event = 'transcription_completed') as unsuccessful,
           sum(n) filter (where event = 'recording_completed') as unsuccessful_recordings
    from daily_values
    where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
      and day between %(days_first)s::date and %(days_last)s::date
      and event in ('transcription_completed', 'recording_completed')
      and property = 'success' and label = 'false'
    group by day
), measured as (
    select day,
           coalesce(
               sum(total) filter (where property = 'duration' and event = 'transcription_completed'),
               sum(total) filter (where property = 'duration' and event = 'recording_completed')
           ) as seconds,
           coalesce(
               sum(total) filter (where property = 'cost' and event = 'transcription_completed'),
               sum(total) filter (where property = 'cost' and event = 'recording_completed')
           ) as cost
    from daily_numbers
    where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
      and day between %(days_first)s::date and %(days_last)s::date
      and property in ('duration', 'cost')
    group by day
), crashed as (
    select day, sum(n) as crashes
    from daily_crashes
    where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
      and day between %(days_first)s::date and %(days_last)s::date
    group by day
)
select day, coalesce(events, 0)::bigint as events, coalesce(recordings, 0)::bigint as recordings,
       coalesce(transcriptions, 0)::bigint as transcriptions, coalesce(failures, 0)::bigint as failures,
       coalesce(unsuccessful, 0)::bigint as unsuccessful,
       coalesce(unsuccessful_recordings, 0)::bigint as unsuccessful_recordings,
       coalesce(opened, 0)::bigint as opened, coalesce(started, 0)::bigint as started,
       coalesce(seconds, 0) as seconds,
       coalesce(cost, 0) as cost, coalesce(crashes, 0)::bigint as crashes
from counted
full join refused using (day)
full join measured using (day)
full join crashed using (day)
order by day
