-- The latest entry of an issue's log that may be undone or keeps earlier ones from it: what people did and
-- is not undone, and what the fold decided after a crash.
-- params: issue_id bigint
-- columns: entry_id bigint, what text, detail jsonb
select entry_id, what, detail
from issue_log
where issue_id = %(issue_id)s::bigint and not undone and what <> 'undone'
order by entry_id desc
limit 1
