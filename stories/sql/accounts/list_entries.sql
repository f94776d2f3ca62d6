-- A page of the audit log, latest first, before an entry.
-- params: before bigint, limit integer
-- columns: entry_id bigint, at timestamptz, actor text, action text, subject text, app text
select entry_id, at, actor, action, subject, app
from audit_log
where %(before)s::bigint is null or entry_id < %(before)s::bigint
order by entry_id desc
limit %(limit)s
