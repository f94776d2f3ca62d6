-- The sessions that the slice made or made longer.
-- params: none
-- columns: none
insert into sessions (app_id, user_id, session_id, started_at, ended_at, events, pages, conversions,
                      source, device, browser)
select app_id, user_id, session_id, started_at, ended_at, events, pages, conversions,
       source, device, browser
from new_sessions
where is_new
