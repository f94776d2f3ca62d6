-- The numbers of the issues that were merged into one, lately merged ones first.
-- params: app_id smallint, issue_id bigint, limit integer
-- columns: number integer
select number
from issues
where app_id = %(app_id)s::smallint and merged_into = %(issue_id)s::bigint
order by since desc, number
limit %(limit)s
