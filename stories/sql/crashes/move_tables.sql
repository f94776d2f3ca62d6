-- The crashes and handled errors whose fingerprint changes, and the groups and people that they leave; beside share_tables.sql.
-- params: none
-- columns: none
create temporary table moves (
    kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, fingerprint bytea, former bytea
) on commit drop;
create temporary table moved_groups (
    app_id smallint, fingerprint bytea, n bigint, first_at timestamptz, last_at timestamptz
) on commit drop;
create temporary table moved_people (
    user_id uuid, app_id smallint, fingerprint bytea, n bigint, last_at timestamptz
) on commit drop;
