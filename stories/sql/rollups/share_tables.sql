-- Empty temporary tables of the names of the rollups that count events and crashes, and the fold's work
-- tables: the fold's own statements fill them with one person's share.
-- params: none
-- columns: none
create temporary table daily_events (like public.daily_events including all) on commit drop;
create temporary table daily_values (like public.daily_values including all) on commit drop;
create temporary table daily_numbers (like public.daily_numbers including all) on commit drop;
create temporary table daily_crashes (like public.daily_crashes including all) on commit drop;
create temporary table group_days (like public.group_days including all) on commit drop;
create temporary table group_hours (like public.group_hours including all) on commit drop;
create temporary table kept_values (like public.kept_values including all) on commit drop;
create temporary table erased_keys (
    kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
) on commit drop;
create temporary table slice_keys (
    kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint
) on commit drop;
create temporary table slice (
    kind text, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint, day date,
    event text, properties jsonb, app_version text, platform text, country text, session_id text,
    flags integer, fingerprint bytea, received_at timestamptz
) on commit drop;
create temporary table label_facts (
    app_id smallint, event text, property text, day date, app_version text, platform text, country text,
    label text, declared boolean, n bigint
) on commit drop;
create temporary table other_values (
    app_id smallint, event text, property text, day date, value text
) on commit drop;
