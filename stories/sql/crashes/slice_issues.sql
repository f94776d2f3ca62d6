-- The issues that were there before the slice into `slice_issues`, and how many people are new to each,
-- whichever of its groups they meet. Before group_people learns of them. The lookups go from an issue to its
-- groups, few of them: one person may be in 100,000 groups, as all of a server's errors are.
-- params: none
-- columns: none
with pairs as materialized (
    select distinct sliced.issue_id, slice.user_id
    from slice_groups as sliced join slice
        on (slice.app_id, slice.fingerprint) = (sliced.app_id, sliced.fingerprint)
    where sliced.issue_id is not null
)
insert into slice_issues (issue_id, people)
select pairs.issue_id, count(*) filter (where not exists (
    select from (
        select app_id, fingerprint from groups where groups.issue_id = pairs.issue_id offset 0
    ) as own, lateral (
        select from group_people as held
        where (held.user_id, held.app_id, held.fingerprint) = (pairs.user_id, own.app_id, own.fingerprint)
        offset 0
    ) as known
))
from pairs
group by pairs.issue_id
