-- What `leaving` people leave in daily_sessions, for recounts to come; testers are counted nowhere.
-- params: none
-- columns: none
insert into departed_daily_sessions (app_id, day, sessions, seconds)
select app_id, (started_at at time zone apps.timezone)::date, count(*),
       sum(extract(epoch from ended_at - started_at))
from leaving join sessions using (user_id, app_id) join apps using (app_id)
where uuid_hash(sessions.user_id) = uuid_hash(leaving.user_id)
  and user_id not in (select user_id from testers where app_id is null)
  and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null)
group by 1, 2
on conflict (app_id, day) do update set
    sessions = departed_daily_sessions.sessions + excluded.sessions,
    seconds = departed_daily_sessions.seconds + excluded.seconds
