-- What happened to an issue, lately first.
-- params: issue_id bigint, limit integer
-- columns: entry_id bigint, at timestamptz, what text, who text, detail jsonb, undone boolean
select entry_id, at, what, who, detail, undone
from issue_log
where issue_id = %(issue_id)s::bigint
order by entry_id desc
limit %(limit)s
