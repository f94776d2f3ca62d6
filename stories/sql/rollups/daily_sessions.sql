-- Sessions and their seconds by the day they begin on: what was held out, what replaces it in.
-- params: none
-- columns: none
insert into daily_sessions (app_id, day, sessions, seconds)
select app_id, (started_at at time zone apps.timezone)::date,
       sum(case when is_new then 1 else -1 end),
       sum(extract(epoch from ended_at - started_at) * case when is_new then 1 else -1 end)
from new_sessions join apps using (app_id)
group by 1, 2
on conflict (app_id, day) do update set
    sessions = daily_sessions.sessions + excluded.sessions,
    seconds = daily_sessions.seconds + excluded.seconds
