-- Empty temporary tables of the rollups' names, the fold's work tables, and the keys still pending.
-- params: none
-- columns: none
create temporary table daily_events (like public.daily_events including all) on commit drop;
create temporary table daily_values (like public.daily_values including all) on commit drop;
create temporary table daily_numbers (like public.daily_numbers including all) on commit drop;
create temporary table daily_crashes (like public.daily_crashes including all) on commit drop;
create temporary table group_days (like public.group_days including all) on commit drop;
create temporary table group_hours (like public.group_hours including all) on commit drop;
create temporary table group_people (like public.group_people including all) on commit drop;
create temporary table group_counts (like public.group_counts) on commit drop;
create temporary table issue_counts (like public.issue_counts) on commit drop;
create temporary table daily_sessions (like public.daily_sessions including all) on commit drop;
create temporary table active_gaps (like public.active_gaps including all) on commit drop;
create temporary table lifetimes (like public.lifetimes including all) on commit drop;
create temporary table cohort_weeks (like public.cohort_weeks including all) on commit drop;
create temporary table people_now (like public.people_now including all) on commit drop;
create temporary table users (like public.users including all) on commit drop;
create temporary table person_days (like public.person_days including all) on commit drop;
create temporary table sessions (like public.sessions including all) on commit drop;
create temporary view held_people as select * from pg_temp.users;
create temporary view held_days as select * from pg_temp.person_days;
create temporary view held_sessions as select * from pg_temp.sessions;
create temporary table label_names (like public.label_names including all) on commit drop;
insert into label_names select * from public.label_names;
create temporary table pending on commit drop as
    select kind, item.user_id, item.timestamp, item.dedupe_key
    from outbox, unnest(user_ids, timestamps, dedupe_keys) as item (user_id, timestamp, dedupe_key)
    union
    select kind, user_id, timestamp, dedupe_key from set_aside;
create index on pending (user_id, timestamp, dedupe_key);
analyze pending;
create temporary table slice_keys (
    kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
) on commit drop;
create temporary table slice (
    kind text, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint, day date,
    event text, properties jsonb, app_version text, platform text, country text, session_id text,
    flags integer, fingerprint bytea, received_at timestamptz
) on commit drop;
create temporary table new_days (
    app_id smallint, user_id uuid, day date, flags integer, old_flags integer, events integer,
    crashes integer, versions text[], platforms text[], countries text[], crash_versions text[],
    crash_systems text[], old_versions text[], old_platforms text[], old_countries text[]
) on commit drop;
create temporary table new_people (
    app_id smallint, user_id uuid, was_first date, was_last date, was_country text,
    was_auto_paste boolean, first_seen timestamptz, last_seen timestamptz, first_day date,
    last_day date, first_crash timestamptz, last_crash timestamptz, app_version text,
    version_at timestamptz, platform text, platform_at timestamptz, country text,
    country_at timestamptz, auto_paste boolean, auto_paste_at timestamptz, events bigint,
    crashes bigint, counts jsonb
) on commit drop;
create temporary table new_sessions (
    is_new boolean, app_id smallint, user_id uuid, session_id text, started_at timestamptz,
    ended_at timestamptz, events integer, pages integer, conversions integer,
    source text, device text, browser text, source_at timestamptz, device_at timestamptz,
    browser_at timestamptz
) on commit drop;
create temporary table label_facts (
    app_id smallint, event text, property text, day date, app_version text, platform text, country text,
    label text, declared boolean, n bigint
) on commit drop;
create temporary table slice_groups (
    app_id smallint, fingerprint bytea, issue_id bigint, is_new boolean, n bigint, people bigint,
    first_at timestamptz, last_at timestamptz, first_version text, last_version text, handled boolean
) on commit drop;
create temporary table slice_people (user_id uuid, app_id smallint, fingerprint bytea) on commit drop;
create temporary table new_groups (
    app_id smallint, fingerprint bytea, title text, culprit text, crash_type text, raw boolean,
    also bytea[], because text, issue_id bigint, parent bytea, makes_issue boolean, n bigint,
    people bigint, first_at timestamptz, last_at timestamptz, first_version text, last_version text,
    handled boolean
) on commit drop;
create temporary table slice_issues (issue_id bigint, people bigint) on commit drop;
create temporary table other_values (
    app_id smallint, event text, property text, day date, value text
) on commit drop;
create temporary table kept_values (like public.kept_values including all) on commit drop;
insert into kept_values select * from public.kept_values;
