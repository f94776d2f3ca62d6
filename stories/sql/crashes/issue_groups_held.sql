-- The groups of issues, and whether the issue that each was born into is still there.
-- params: issue_ids bigint[]
-- columns: fingerprint bytea, issue_id bigint, home_id bigint, home_exists boolean
select fingerprint, issue_id, home_id,
       exists (select from issues where issues.issue_id = groups.home_id) as home_exists
from groups
where issue_id = any (%(issue_ids)s::bigint[])
order by first_seen, fingerprint
