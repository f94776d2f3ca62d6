-- The fold's work tables, for whatever runs its statements; kept by the connection (rollups/work_tables.py) and emptied
-- with each transaction.
-- slice: the events and crashes to add (of a crash, event is its type and platform its system).
-- slice_segments: the app's segments that it is counted by, with their bits. label_facts: what its labels say. other_values: values that have no place of their own. taken_keys: all that was taken, for a
-- slice that fails and is tried again in parts.
-- params: none
-- columns: none
drop table if exists
    pg_temp.slice_keys, pg_temp.taken_keys, pg_temp.erased_keys, pg_temp.slice,
    pg_temp.slice_segments, pg_temp.new_days, pg_temp.new_people, pg_temp.new_sessions,
    pg_temp.label_facts, pg_temp.slice_groups, pg_temp.slice_people, pg_temp.new_groups,
    pg_temp.slice_issues, pg_temp.slice_sdk_sessions, pg_temp.other_values, pg_temp.left_places;
create temporary table slice_keys (
    kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
) on commit delete rows;
create temporary table taken_keys (
    place bigint, kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
) on commit delete rows;
create temporary table erased_keys (
    kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
) on commit delete rows;
create temporary table slice (
    kind text, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint, day date,
    event text, properties jsonb, app_version text, platform text, country text, session_id text,
    flags integer, fingerprint bytea, received_at timestamptz, segments integer
) on commit delete rows;
create temporary table slice_segments (app_id smallint, bit integer, value text) on commit delete rows;
create temporary table new_days (
    app_id smallint, user_id uuid, day date, flags integer, old_flags integer, events integer,
    crashes integer, versions text[], platforms text[], countries text[], crash_versions text[],
    crash_systems text[], old_versions text[], old_platforms text[], old_countries text[],
    old_crash_versions text[], old_crash_systems text[], before date, before_flags integer,
    after date, after_flags integer, first_day date, is_named boolean, careful integer, has_crashed boolean,
    segments integer, crash_segments integer, old_segments integer, old_crash_segments integer
) on commit delete rows;
create temporary table new_people (
    app_id smallint, user_id uuid, was_first date, was_last date, was_version text,
    was_platform text, was_country text, was_auto_paste boolean, first_seen timestamptz, last_seen timestamptz, first_day date,
    last_day date, first_crash timestamptz, last_crash timestamptz, app_version text,
    version_at timestamptz, platform text, platform_at timestamptz, country text,
    country_at timestamptz, auto_paste boolean, auto_paste_at timestamptz, events bigint,
    crashes bigint, counts jsonb
) on commit delete rows;
create temporary table new_sessions (
    is_new boolean, app_id smallint, user_id uuid, session_key bytea, started_at timestamptz,
    ended_at timestamptz, events integer, pages integer, conversions integer,
    source text, device text, browser text, source_at timestamptz, device_at timestamptz,
    browser_at timestamptz
) on commit delete rows;
create temporary table left_places (
    app_id smallint, user_id uuid, session_key bytea, at timestamptz, since timestamptz, until timestamptz
) on commit delete rows;
create temporary table label_facts (
    app_id smallint, event text, property text, day date, app_version text, platform text, country text,
    segments integer, label text, declared boolean, n bigint
) on commit delete rows;
create temporary table slice_groups (
    app_id smallint, fingerprint bytea, issue_id bigint, is_new boolean, n bigint, people bigint,
    first_at timestamptz, last_at timestamptz, first_version text, last_version text, handled boolean
) on commit delete rows;
create temporary table slice_people (user_id uuid, app_id smallint, fingerprint bytea) on commit delete rows;
create temporary table new_groups (
    app_id smallint, fingerprint bytea, title text, culprit text, crash_type text, raw boolean,
    also bytea[], because text, issue_id bigint, parent bytea, makes_issue boolean, n bigint,
    people bigint, first_at timestamptz, last_at timestamptz, first_version text, last_version text,
    handled boolean
) on commit delete rows;
create temporary table slice_issues (issue_id bigint, people bigint) on commit delete rows;
create temporary table slice_sdk_sessions (
    app_id smallint, sid uuid, started timestamptz, day date, version text, status smallint, sessions integer,
    counted_day date, counted_version text, counted_status smallint
) on commit delete rows;
create temporary table other_values (
    app_id smallint, event text, property text, day date, value text
) on commit delete rows;
