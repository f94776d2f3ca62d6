-- People whose first days have expired cannot be counted again from nothing: what is kept of the time
-- before apps.whole_since is where their recount starts. Counters are put right by recount.carry.
-- Who has become a tester since does not come back.
-- params: none
-- columns: none
insert into person_days
    select days.* from public.person_days as days join apps using (app_id)
    where day < whole_since
      and user_id not in (select user_id from testers where app_id is null)
      and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null);
insert into users
    select people.* from public.users as people join apps using (app_id)
    where least(first_day, (first_crash at time zone timezone)::date) < whole_since
      and user_id not in (select user_id from testers where app_id is null)
      and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null);
insert into sessions
    select held.* from public.sessions as held join apps using (app_id)
    where (started_at at time zone timezone)::date < whole_since
      and user_id not in (select user_id from testers where app_id is null)
      and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null);
insert into lifetimes
    select * from public.lifetimes where departed;
insert into lifetimes (app_id, first_day, last_day, people)
    select app_id, first_day, last_day, count(*) from users where first_day is not null
    group by app_id, first_day, last_day;
insert into people_now
    select * from public.people_now where departed;
insert into people_now (app_id, last_day, country, auto_paste, people)
    select app_id, last_day, coalesce(country, ''), auto_paste, count(*) from users
    where last_day is not null
    group by app_id, last_day, coalesce(country, ''), auto_paste;
insert into people_now (app_id, facet, last_day, country, auto_paste, people)
    select app_id, facet, days.last_day, coalesce(country, ''), auto_paste, count(*)
    from (
        select person_days.app_id, user_id, dim, value, max(day) as last_day
        from person_days, lateral (
            select dim, value from day_facets(versions::text[], platforms::text[], countries::text[], '{}', '{}') where kind = 1
            union all
            select 'segment', segment_id::text from segments
            where segments.app_id = person_days.app_id and person_days.segments & (1 << place) <> 0
        ) as named
        group by person_days.app_id, user_id, dim, value
    ) as days join facets using (app_id, dim, value) join users using (user_id, app_id)
    group by app_id, facet, days.last_day, coalesce(country, ''), auto_paste;
insert into people_now (app_id, facet, last_day, country, people)
    select app_id, facet, last_day, '', count(*)
    from users cross join lateral (
        values ('now_version', coalesce(app_version, '')), ('now_platform', coalesce(platform, ''))
    ) as said (dim, value) join facets using (app_id, dim, value)
    where last_day is not null
    group by app_id, facet, last_day;
insert into cohort_weeks
    select * from public.cohort_weeks where departed;
insert into cohort_weeks
    select weeks.* from public.cohort_weeks as weeks join apps using (app_id)
    where not departed and week < date_trunc('week', whole_since);
insert into cohort_weeks (app_id, first_week, week, people)
    select app_id, date_trunc('week', first_day)::date, date_trunc('week', day)::date,
           count(distinct user_id)
    from person_days join users using (user_id, app_id) join apps using (app_id)
    where first_day is not null and person_days.flags & 1 <> 0
      and date_trunc('week', day) >= date_trunc('week', whole_since)
    group by 1, 2, 3;
insert into group_people (user_id, app_id, fingerprint, last_at, n)
    select held.user_id, held.app_id, held.fingerprint, held.last_at, 0
    from public.group_people as held join apps using (app_id)
    where ((held.user_id, held.app_id) in (select user_id, app_id from users)
           or (last_at at time zone timezone)::date < whole_since)
      and user_id not in (select user_id from testers where app_id is null)
      and (app_id, user_id) not in (select app_id, user_id from testers where app_id is not null);
