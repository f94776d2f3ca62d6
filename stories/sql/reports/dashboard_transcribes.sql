-- Whether an app has ever recorded or transcribed anything.
-- params: app_id smallint
-- columns: transcribes boolean
select exists (
    select from daily_events
    where app_id = %(app_id)s::smallint and dim = 'none' and value = ''
      and event in ('recording_started', 'recording_completed', 'transcription_completed', 'transcription_failed')
) as transcribes
