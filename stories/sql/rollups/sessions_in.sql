-- The sessions that the slice made or made longer.
-- params: none
-- columns: none
insert into sessions (app_id, user_id, session_id, started_at, ended_at, events, pages, conversions,
                      source, device, browser, source_at, device_at, browser_at)
select app_id, user_id, session_id, started_at, ended_at, events, pages, conversions,
       source, device, browser, source_at, device_at, browser_at
from new_sessions
where is_new
