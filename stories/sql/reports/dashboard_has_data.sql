-- Whether an app has ever sent anything: until then its page says how to. Events not yet counted are
-- something, and so are the sums that stay when all events have expired.
-- params: app_id smallint
-- columns: has_data boolean
select exists (select 1 from events where app_id = %(app_id)s::smallint)
    or exists (select 1 from event_chunks where app_id = %(app_id)s::smallint)
    or exists (select 1 from crashes where app_id = %(app_id)s::smallint)
    or exists (select 1 from sdk_sessions where app_id = %(app_id)s::smallint)
    or exists (select 1 from session_days where app_id = %(app_id)s::smallint)
    or exists (select 1 from daily_events where app_id = %(app_id)s::smallint)
    or exists (select 1 from daily_crashes where app_id = %(app_id)s::smallint) as has_data
