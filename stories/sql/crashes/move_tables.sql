-- The crashes whose fingerprint changes, the groups and people that they leave, and the work tables of the
-- steps that find groups and issues; beside share_tables.sql.
-- params: none
-- columns: none
create temporary table moves (
    user_id uuid, timestamp timestamptz, dedupe_key bigint, fingerprint bytea
) on commit drop;
create temporary table moved_groups (
    app_id smallint, fingerprint bytea, n bigint, first_at timestamptz, last_at timestamptz
) on commit drop;
create temporary table moved_people (
    user_id uuid, app_id smallint, fingerprint bytea, n bigint, last_at timestamptz
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
