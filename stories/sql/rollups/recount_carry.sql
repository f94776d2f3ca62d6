-- Counters of what began before apps.whole_since include what has expired: the kept ones stand.
-- params: none
-- columns: none
create temporary table carried_users on commit drop as
    select old.user_id, old.app_id, old.events, old.crashes, old.counts
    from public.users as old join apps using (app_id)
    where least(old.first_day, (old.first_crash at time zone timezone)::date) < whole_since;
create temporary table carried_sessions on commit drop as
    select old.user_id, old.app_id, old.session_key, old.started_at, old.events, old.pages,
           old.conversions
    from public.sessions as old join apps using (app_id)
    where (old.started_at at time zone timezone)::date < whole_since;
update users set events = old.events, crashes = old.crashes, counts = old.counts
    from carried_users as old
    where (old.user_id, old.app_id) = (users.user_id, users.app_id);
update sessions
    set events = old.events, pages = old.pages, conversions = old.conversions
    from carried_sessions as old
    where (old.user_id, old.app_id, old.session_key, old.started_at)
        = (sessions.user_id, sessions.app_id, sessions.session_key, sessions.started_at);
update group_people set n = old.n
    from public.group_people as old join apps using (app_id)
    where (old.user_id, old.app_id, old.fingerprint)
            = (group_people.user_id, group_people.app_id, group_people.fingerprint)
      and ((old.user_id, old.app_id) in (select user_id, app_id from carried_users)
           or (old.last_at at time zone timezone)::date < whole_since);
