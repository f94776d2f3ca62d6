-- Says of issues whether another has their groups: an issue without groups is merged into `into_id`.
-- params: issue_ids bigint[], into_id bigint
-- columns: none
update issues
set merged_into = case when not exists (select from groups where groups.issue_id = issues.issue_id)
    then %(into_id)s::bigint end
where issue_id = any (%(issue_ids)s::bigint[])
