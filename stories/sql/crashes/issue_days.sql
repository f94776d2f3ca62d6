-- Crashes of issues by day.
-- params: issue_ids bigint[], first date, last date
-- columns: issue_id bigint, day date, crashes bigint
select issue_id, day, sum(group_days.n)::bigint as crashes
from groups join group_days using (app_id, fingerprint)
where issue_id = any (%(issue_ids)s::bigint[]) and dim = 'none' and value = ''
  and day between %(first)s::date and %(last)s::date
group by issue_id, day
