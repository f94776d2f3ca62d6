-- Adds what `slice_groups` and `slice_issues` hold to the counters of the issues that were there before; first
-- and last as in group_counters.sql.
-- params: none
-- columns: none
with added as materialized (
    select sliced.issue_id, sum(sliced.n) as n, bool_and(sliced.handled) as handled,
           min(first_at) as first_at, max(last_at) as last_at,
           (array_agg(first_version order by first_at, first_version nulls first))[1] as first_version,
           (array_agg(last_version order by last_at desc, last_version desc nulls last))[1] as last_version
    from slice_groups as sliced
    where sliced.issue_id is not null
    group by sliced.issue_id
)
update issues set
    n = issues.n + added.n,
    people = issues.people + came.people,
    handled = issues.handled and added.handled,
    first_version = case when (added.first_at, coalesce(added.first_version, '') collate "C")
                            < (first_seen, coalesce(issues.first_version, '') collate "C")
        then added.first_version else issues.first_version end,
    last_version = case when (added.last_at, coalesce(added.last_version, '') collate "C")
                           > (last_seen, coalesce(issues.last_version, '') collate "C")
        then added.last_version else issues.last_version end,
    first_seen = least(first_seen, added.first_at),
    last_seen = greatest(last_seen, added.last_at)
from added join slice_issues as came on came.issue_id = added.issue_id
where issues.issue_id = added.issue_id
