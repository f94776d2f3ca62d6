-- As stats_issues, of the matching crashes.
-- params: app_id smallint, matches boolean, start timestamptz, end timestamptz (exclusive)
-- columns: id text, title text, culprit text, state text, crashes bigint
with counted as (
    select groups.issue_id, sum(alike.n) as crashes
    from (
        select fingerprint, count(*) as n
        from crash_facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
        group by fingerprint
    ) as alike join groups on groups.app_id = %(app_id)s and groups.fingerprint = alike.fingerprint
    group by groups.issue_id
)
select apps.slug || '-' || number as id, title, culprit, state, crashes::bigint as crashes
from counted join issues using (issue_id) join apps using (app_id)
where not handled
order by crashes desc, number
limit 10
