-- Counters of what began before apps.whole_since include what has expired: the kept ones stand.
-- params: none
-- columns: none
update users set events = old.events, crashes = old.crashes, counts = old.counts
    from public.users as old join apps using (app_id)
    where (old.user_id, old.app_id) = (users.user_id, users.app_id)
      and least(old.first_day, (old.first_crash at time zone timezone)::date) < whole_since;
update sessions
    set events = old.events, pages = old.pages, conversions = old.conversions
    from public.sessions as old join apps using (app_id)
    where (old.user_id, old.app_id, old.session_id, old.started_at)
        = (sessions.user_id, sessions.app_id, sessions.session_id, sessions.started_at)
      and (old.started_at at time zone timezone)::date < whole_since;
