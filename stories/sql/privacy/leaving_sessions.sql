-- Makes rows again of the sessions that have left with their days, of who is being erased.
-- params: none
-- columns: none
insert into sessions (app_id, user_id, session_key, started_at, ended_at, events, ended_day)
select packed.app_id, packed.user_id, session_key, started_at, ended_at, packed.events,
       (ended_at at time zone 'utc')::date
from leaving cross join lateral left_sessions_of(leaving.user_id, leaving.app_id, null, null) as packed
