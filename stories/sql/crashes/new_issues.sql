-- Makes an issue for every new group that has none, numbered in order of time, and the groups themselves,
-- with what the slice holds of them. Ids come from the sequence first: a join of what an insert returns had
-- a quadratic plan.
-- params: none
-- columns: none
update new_groups
set issue_id = nextval(pg_get_serial_sequence('issues', 'issue_id')), makes_issue = true
where issue_id is null;
insert into issues (issue_id, app_id, number, title, culprit, crash_type, raw, handled, state, because, since,
                    first_seen, last_seen, first_version, last_version, n, people)
overriding system value
select issue_id, app_id,
       last_issue + row_number() over (partition by app_id order by first_at, fingerprint),
       title, culprit, crash_type, raw, handled, 'open', because, now(),
       first_at, last_at, first_version, last_version, n, people
from new_groups join apps using (app_id)
where makes_issue;
update apps set last_issue = last_issue + made.issues
from (select app_id, count(*) as issues from new_groups where makes_issue group by app_id) as made
where made.app_id = apps.app_id;
insert into issue_log (issue_id, at, what, who, detail)
select issue_id, now(), because, case because when 'new' then 'fold' else 'regroup' end,
       jsonb_strip_nulls(jsonb_build_object('version', first_version))
from new_groups
where makes_issue;
update groups set heir = new.fingerprint
from new_groups as new
where (groups.app_id, groups.fingerprint) = (new.app_id, new.parent) and not new.raw
  and (select raw from group_names as names
       where (names.app_id, names.fingerprint) = (groups.app_id, groups.fingerprint));
update issues set title = new.title, culprit = new.culprit, raw = false
from new_groups as new
where issues.issue_id = new.issue_id and issues.raw and not new.raw and not new.makes_issue;
insert into groups (app_id, fingerprint, issue_id, home_id, first_seen, last_seen, first_version, last_version,
                    handled, n)
select app_id, fingerprint, issue_id, issue_id, first_at, last_at, first_version, last_version, handled, n
from new_groups;
update slice_groups as sliced set issue_id = new.issue_id
from new_groups as new
where not new.makes_issue and (new.app_id, new.fingerprint) = (sliced.app_id, sliced.fingerprint)
