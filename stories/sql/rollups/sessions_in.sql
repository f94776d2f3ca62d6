-- The sessions that the slice made: all that begin when none did.
-- params: none
-- columns: none
insert into sessions (app_id, user_id, session_key, started_at, ended_at, events, pages, conversions,
                      source, device, browser, source_at, device_at, browser_at, ended_day)
select app_id, user_id, session_key, new.started_at, new.ended_at, new.events, new.pages, new.conversions,
       new.source, new.device, new.browser, new.source_at, new.device_at, new.browser_at,
       (new.ended_at at time zone 'utc')::date
from new_sessions as new
left join (select * from new_sessions where not is_new) as old using (user_id, app_id, session_key, started_at)
where new.is_new and old.is_new is null
