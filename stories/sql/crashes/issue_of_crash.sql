-- The issue that a crash belongs to; no row while it is not folded yet, or when the crash is gone.
-- params: app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint
-- columns: number integer, title text, state text
select issues.number, issues.title, issues.state
from crashes
join groups using (app_id, fingerprint)
join issues on issues.issue_id = groups.issue_id
where (user_id, timestamp, dedupe_key)
        = (%(user_id)s::uuid, %(timestamp)s::timestamptz, %(dedupe_key)s::bigint)
  and crashes.app_id = %(app_id)s::smallint
