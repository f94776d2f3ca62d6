-- Crashes of issues that arrived in the last 24 hours, and in the week before those, as list_issues
-- orders by them.
-- params: issue_ids bigint[], now timestamptz
-- columns: issue_id bigint, today bigint, week bigint
select issue_id,
       coalesce(sum(group_hours.n) filter (where hour > %(now)s::timestamptz - interval '1 day'), 0)::bigint
           as today,
       coalesce(sum(group_hours.n) filter (where hour <= %(now)s::timestamptz - interval '1 day'), 0)::bigint
           as week
from groups join group_hours using (app_id, fingerprint)
where issue_id = any (%(issue_ids)s::bigint[]) and hour > %(now)s::timestamptz - interval '8 days'
group by issue_id
