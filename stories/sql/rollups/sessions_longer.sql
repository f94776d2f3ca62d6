-- The held sessions that the slice made longer and that begin as before, in their place: where it is on the same page
-- the indexes get no new entry.
-- params: none
-- columns: none
update sessions set
    ended_at = new.ended_at, ended_day = (new.ended_at at time zone 'utc')::date, events = new.events, pages = new.pages, conversions = new.conversions,
    source = new.source, device = new.device, browser = new.browser,
    source_at = new.source_at, device_at = new.device_at, browser_at = new.browser_at
from new_sessions as new join new_sessions as old using (user_id, app_id, session_key, started_at)
where new.is_new and not old.is_new
  and (uuid_hash(sessions.user_id), session_hash(sessions.session_key))
    = (uuid_hash(old.user_id), session_hash(old.session_key))
  and (sessions.user_id, sessions.app_id, sessions.session_key, sessions.started_at)
    = (old.user_id, old.app_id, old.session_key, old.started_at)
