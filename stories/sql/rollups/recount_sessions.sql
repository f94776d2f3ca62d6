-- Sessions of SDKs counted again from those that are held, each as the fold would count it; one that waits for the
-- fold, or was set aside, as it has been counted. Days from before all are held stand as they are kept.
-- params: none
-- columns: none
insert into recounted_sessions
    select app_id, sid, sessions, is_pending,
           case when is_pending then counted_day else day end as day,
           case when is_pending then counted_version
                when version = '' or exists (
                    select from kept_values as kept
                    where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
                        = (held.app_id, '(session)', 'version', held.day, held.version)) then version
                else 'other' end as version,
           case when is_pending then counted_status else status end as status
    from (
        select sdk_sessions.*, (started at time zone timezone)::date as day,
               coalesce(left(app_version, 20), '') as version,
               (app_id::bigint, sid) in (select dedupe_key, user_id from pending where kind = 'session') as is_pending
        from sdk_sessions join apps using (app_id)
    ) as held;
delete from recounted_sessions where day is null or day <= (now() - interval '29 days')::date;
insert into session_days
    select * from public.session_days where day <= (now() - interval '29 days')::date;
insert into session_days (app_id, day, version, sessions, errored, unhandled, abnormal, crashed)
    select app_id, day, version, sum(sessions), coalesce(sum(sessions) filter (where status = 2), 0),
           coalesce(sum(sessions) filter (where status = 3), 0),
           coalesce(sum(sessions) filter (where status = 4), 0),
           coalesce(sum(sessions) filter (where status = 5), 0)
    from recounted_sessions
    group by app_id, day, version
