-- Issues of an app whose last crash was before a time, and those merged into them, into `leaving_issues`.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
with recursive leaving as (
    select issue_id from issues
    where app_id = %(app_id)s and last_seen < %(cutoff)s and merged_into is null
    union
    select issues.issue_id from leaving join issues on issues.merged_into = leaving.issue_id
)
insert into leaving_issues select issue_id from leaving
