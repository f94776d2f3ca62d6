-- The sessions that the slice made or made longer.
-- params: none
-- columns: none
insert into sessions (app_id, user_id, session_id, started_at, ended_at, events, pages, conversions)
select app_id, user_id, session_id, started_at, ended_at, events, pages, conversions
from new_sessions
where is_new
