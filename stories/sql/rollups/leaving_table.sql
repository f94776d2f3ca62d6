-- The people whose rows are about to be deleted, to the end of the transaction.
-- params: none
-- columns: none
create temporary table leaving (app_id smallint, user_id uuid) on commit drop;
