-- The numbers of issues.
-- params: issue_ids bigint[]
-- columns: issue_id bigint, number integer
select issue_id, number from issues where issue_id = any (%(issue_ids)s::bigint[])
