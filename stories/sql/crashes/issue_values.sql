-- Crashes of an issue by day, and by day and version or system (dim: none, version, platform).
-- params: issue_id bigint, first date, last date
-- columns: dim text, value text, day date, crashes bigint
select dim, value, day, sum(group_days.n)::bigint as crashes
from groups join group_days using (app_id, fingerprint)
where issue_id = %(issue_id)s::bigint and dim in ('none', 'version', 'platform')
  and day between %(first)s::date and %(last)s::date
group by dim, value, day
