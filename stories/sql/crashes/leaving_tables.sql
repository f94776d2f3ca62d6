-- Rows of group_people, and issues, that are about to be deleted, to the end of the transaction.
-- params: none
-- columns: none
create temporary table leaving_groups (user_id uuid, app_id smallint, fingerprint bytea) on commit drop;
create temporary table leaving_issues (issue_id bigint) on commit drop;
