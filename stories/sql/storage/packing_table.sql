-- Events on their way into chunks: `chunk` and `piece` tell which go together; sessions_left: as their chunk had it, null
-- of rows. Gone with the transaction.
-- params: none
-- columns: none
drop table if exists pg_temp.packing;
create temporary table packing (
    chunk bigint, piece bigint, timestamp timestamptz, dedupe_key bigint, received_at timestamptz, user_id uuid,
    app_id smallint, event text, app_version text, platform text, country text, session_id text,
    properties jsonb, channel text, sessions_left boolean
) on commit drop;
