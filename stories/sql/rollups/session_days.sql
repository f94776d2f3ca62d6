-- What the sessions of the slice change: what they were counted as goes, what they are comes; then that stands in
-- `sdk_sessions`, and not what has come to it meanwhile, which waits in the outbox. Their versions go into `slice`, for
-- crashes/releases.
-- params: none
-- columns: none
update slice_sdk_sessions as sliced set version = 'other'
from other_values as others
where others.event = '(session)'
  and (others.app_id, others.day, others.value) = (sliced.app_id, sliced.day, sliced.version);
insert into session_days (app_id, day, version, sessions, errored, unhandled, abnormal, crashed)
select app_id, day, version, sum(n), coalesce(sum(n) filter (where status = 2), 0),
       coalesce(sum(n) filter (where status = 3), 0), coalesce(sum(n) filter (where status = 4), 0),
       coalesce(sum(n) filter (where status = 5), 0)
from (
    select app_id, day, version, status, sessions as n from slice_sdk_sessions
    union all
    select app_id, counted_day, counted_version, counted_status, -sessions
    from slice_sdk_sessions where counted_status is not null
) as changes
group by app_id, day, version
on conflict (app_id, day, version) do update set
    sessions = session_days.sessions + excluded.sessions, errored = session_days.errored + excluded.errored,
    unhandled = session_days.unhandled + excluded.unhandled,
    abnormal = session_days.abnormal + excluded.abnormal, crashed = session_days.crashed + excluded.crashed;
update sdk_sessions as held
set counted_day = sliced.day, counted_version = sliced.version, counted_status = sliced.status
from slice_sdk_sessions as sliced
where (held.app_id, held.sid) = (sliced.app_id, sliced.sid);
insert into slice (kind, app_id, timestamp, app_version)
select 'session', app_id, min(started), version from slice_sdk_sessions group by app_id, version
