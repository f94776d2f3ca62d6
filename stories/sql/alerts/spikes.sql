-- Issues with at least so many crashes in an hour of arrival, the most frequent first, beside what they had in
-- other hours. days: of how many days before the hours are known, of all issues of the app together.
-- params: app_id smallint, hour timestamptz, hours timestamptz[], least bigint, limit integer
-- columns: issue_id bigint, number integer, title text, culprit text, first_version text, n bigint, before bigint,
--   days integer
with frequent as materialized (
    select groups.issue_id, sum(group_hours.n)::bigint as n
    from group_hours join groups using (app_id, fingerprint)
    where group_hours.app_id = %(app_id)s::smallint and hour = %(hour)s::timestamptz and not groups.handled
    group by groups.issue_id
    having sum(group_hours.n) >= %(least)s
    order by n desc
    limit %(limit)s
)
select issues.issue_id, number, title, culprit, first_version, frequent.n,
       coalesce((select sum(group_hours.n) from groups join group_hours using (app_id, fingerprint)
                 where groups.app_id = %(app_id)s::smallint and groups.issue_id = issues.issue_id
                   and hour = any (%(hours)s::timestamptz[])), 0)::bigint as before,
       (select extract(day from %(hour)s::timestamptz - min(hour)) from group_hours
        where app_id = %(app_id)s::smallint)::integer as days
from frequent join issues using (issue_id)
where issues.state <> 'muted'
order by frequent.n desc
