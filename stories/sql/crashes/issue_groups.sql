-- The groups of an issue, the largest first. The people of an only group are the issue's.
-- params: issue_id bigint, limit integer
-- columns: fingerprint bytea, title text, culprit text, why text[], raw boolean, handled boolean,
--   is_home boolean, crashes bigint, people bigint, first_seen timestamptz, last_seen timestamptz
select groups.fingerprint, group_names.title, group_names.culprit, group_names.why, group_names.raw,
       group_names.handled, groups.home_id = groups.issue_id as is_home, groups.n as crashes,
       case when count(*) over () = 1 then issues.people else groups.people_gone + (
           select count(*) from group_people
           where (group_people.app_id, group_people.fingerprint) = (groups.app_id, groups.fingerprint)
       ) end as people,
       groups.first_seen, groups.last_seen
from groups
join issues using (issue_id)
left join group_names on (group_names.app_id, group_names.fingerprint) = (groups.app_id, groups.fingerprint)
where groups.issue_id = %(issue_id)s::bigint
order by groups.n desc, groups.fingerprint
limit %(limit)s
