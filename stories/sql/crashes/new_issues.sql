-- Makes an issue for every new group that has none, numbered in order of time, and the groups themselves,
-- with what the slice holds of them; what new groups of one issue hold together is counted from the slice. Ids
-- come from the sequence first: a join of what an insert returns had a quadratic plan.
-- params: none
-- columns: none
update new_groups
set issue_id = nextval(pg_get_serial_sequence('issues', 'issue_id')), makes_issue = true
where issue_id is null and parent is null;
with recursive joined as (
    select app_id, fingerprint, issue_id from new_groups where issue_id is not null
    union all
    select new.app_id, new.fingerprint, joined.issue_id
    from joined join new_groups as new
        on new.issue_id is null and (new.app_id, new.parent) = (joined.app_id, joined.fingerprint)
)
update new_groups as new set issue_id = joined.issue_id
from joined
where new.issue_id is null and (joined.app_id, joined.fingerprint) = (new.app_id, new.fingerprint);
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
update issues set title = new.title, culprit = new.culprit, raw = false
from new_groups as new
where issues.issue_id = new.issue_id and not new.raw and not new.makes_issue
  and (issues.raw
       or (issues.title, issues.culprit) in (
           select title, culprit from group_names as names
           where (names.app_id, names.fingerprint) = (new.app_id, new.parent) and names.heir = new.fingerprint
       ));
insert into groups (app_id, fingerprint, issue_id, home_id, first_seen, last_seen, first_version, last_version,
                    handled, n)
select app_id, fingerprint, issue_id, issue_id, first_at, last_at, first_version, last_version, handled, n
from new_groups;
update groups set heir = new.fingerprint
from new_groups as new
where (groups.app_id, groups.fingerprint) = (new.app_id, new.parent) and not new.raw
  and (select raw from group_names as names
       where (names.app_id, names.fingerprint) = (groups.app_id, groups.fingerprint));
with several as materialized (
    select issue_id from new_groups group by issue_id having count(*) > 1 and bool_or(makes_issue)
), summed as materialized (
    select issue_id, sum(n) as n, bool_and(handled) as handled, min(first_at) as first_at, max(last_at) as last_at,
           (array_agg(first_version order by first_at, first_version nulls first))[1] as first_version,
           (array_agg(last_version order by last_at desc, last_version desc nulls last))[1] as last_version
    from several join new_groups using (issue_id)
    group by issue_id
), met as materialized (
    select issue_id, count(distinct user_id) filter (where is_person(user_id)) as people
    from several join new_groups using (issue_id) join slice using (app_id, fingerprint)
    group by issue_id
)
update issues set n = summed.n, people = met.people, handled = summed.handled, first_seen = first_at,
                  last_seen = last_at, first_version = summed.first_version, last_version = summed.last_version
from summed join met using (issue_id)
where issues.issue_id = summed.issue_id;
update slice_groups as sliced set issue_id = new.issue_id
from new_groups as new
where (new.app_id, new.fingerprint) = (sliced.app_id, sliced.fingerprint)
  and new.issue_id not in (select issue_id from new_groups where makes_issue)
