-- Counts issues anew from their groups, after groups have moved. A mute that waits for more crashes or people
-- than there were waits for as many more as before.
-- params: issue_ids bigint[]
-- columns: none
with wanted as materialized (
    select unnest(%(issue_ids)s::bigint[]) as issue_id
), held as materialized (
    select groups.*,
           row_number() over (partition by issue_id order by first_seen,
               first_version collate "C" nulls first) as from_first,
           row_number() over (partition by issue_id order by last_seen desc,
               last_version collate "C" desc nulls last) as from_last
    from groups
    where issue_id = any (%(issue_ids)s::bigint[])
), summed as materialized (
    select issue_id, sum(n) as n, sum(people_gone) as gone, bool_and(handled) as handled,
           min(first_seen) as first_seen, max(last_seen) as last_seen,
           max(first_version) filter (where from_first = 1) as first_version,
           max(last_version) filter (where from_last = 1) as last_version
    from held
    group by issue_id
), met as materialized (
    select issue_id, count(distinct user_id) as people
    from held join group_people using (app_id, fingerprint)
    group by issue_id
), totals as materialized (
    select issue_id, summed.issue_id is not null as any, coalesce(summed.n, 0) as n,
           coalesce(people, 0) + coalesce(gone, 0) as people,
           summed.handled, summed.first_seen, summed.last_seen, summed.first_version, summed.last_version
    from wanted left join summed using (issue_id) left join met using (issue_id)
)
update issues
set n = totals.n, people = totals.people,
    handled = case when totals.any then totals.handled else issues.handled end,
    first_seen = case when totals.any then totals.first_seen else issues.first_seen end,
    last_seen = case when totals.any then totals.last_seen else issues.last_seen end,
    first_version = case when totals.any then totals.first_version else issues.first_version end,
    last_version = case when totals.any then totals.last_version else issues.last_version end,
    mute_from = mute_from + case mute when 'crashes' then totals.n - issues.n
                                      when 'people' then totals.people - issues.people else 0 end
from totals
where totals.issue_id = issues.issue_id
