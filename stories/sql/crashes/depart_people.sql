-- Deletes the rows that `leaving_groups` names and keeps the number of their people: one more is gone from an
-- issue for each person who has no other row in it, noted at the first of the groups that they leave.
-- The people of every issue are as many as before.
-- params: none
-- columns: none
analyze leaving_groups;
delete from group_people as held using leaving_groups as leaving
where (held.user_id, held.app_id, held.fingerprint) = (leaving.user_id, leaving.app_id, leaving.fingerprint);
with left_issues as materialized (
    select distinct on (groups.issue_id, leaving.user_id) groups.issue_id, leaving.*
    from leaving_groups as leaving join groups using (app_id, fingerprint)
    order by groups.issue_id, leaving.user_id, leaving.fingerprint
), gone as materialized (
    select app_id, fingerprint, count(*) as people
    from left_issues
    where (
        select true from groups as own
        where own.issue_id = left_issues.issue_id and own.fingerprint <> left_issues.fingerprint and (
            select true from group_people as held
            where (held.user_id, held.app_id, held.fingerprint)
                = (left_issues.user_id, own.app_id, own.fingerprint))
        limit 1
    ) is null
    group by app_id, fingerprint
)
update groups set people_gone = people_gone + gone.people
from gone
where (gone.app_id, gone.fingerprint) = (groups.app_id, groups.fingerprint)
