-- Makes an issue for a group that leaves the one it was born into. It is nothing new to anybody.
-- params: app_id smallint, fingerprint bytea
-- columns: issue_id bigint
with numbered as (
    update apps set last_issue = last_issue + 1 where app_id = %(app_id)s::smallint
    returning app_id, last_issue
)
insert into issues (app_id, number, title, culprit, crash_type, raw, handled, state, because, since,
                    first_seen, last_seen)
select numbered.app_id, last_issue, coalesce(names.title, left_issue.title), coalesce(names.culprit, left_issue.culprit),
       coalesce(names.crash_type, left_issue.crash_type), coalesce(names.raw, left_issue.raw),
       groups.handled, 'open', 'seen', now(), groups.first_seen, groups.last_seen
from numbered join groups on groups.app_id = numbered.app_id
join issues as left_issue on left_issue.issue_id = groups.issue_id
left join group_names as names
    on (names.app_id, names.fingerprint) = (groups.app_id, groups.fingerprint)
where groups.fingerprint = %(fingerprint)s::bytea
returning issue_id
