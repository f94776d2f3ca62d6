-- The crashes and handled errors of which only the row stays, to the end of the transaction.
-- params: none
-- columns: none
create temporary table thinned (user_id uuid, timestamp timestamptz, dedupe_key bigint) on commit drop;
