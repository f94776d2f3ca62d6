-- How many issues are about to be deleted.
-- params: none
-- columns: issues bigint
select count(*) as issues from leaving_issues
