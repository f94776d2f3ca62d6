-- Whether an app has ever had an event, a crash or a session of its SDK.
-- params: app_id smallint
-- columns: found boolean
select exists (select 1 from events where app_id = %(app_id)s)
    or exists (select 1 from event_chunks where app_id = %(app_id)s)
    or exists (select 1 from crashes where app_id = %(app_id)s)
    or exists (select 1 from sdk_sessions where app_id = %(app_id)s)
    or exists (select 1 from session_days where app_id = %(app_id)s)
    or exists (select 1 from active_gaps where app_id = %(app_id)s) as found
