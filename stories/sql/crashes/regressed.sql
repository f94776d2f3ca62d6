-- Opens resolved issues that a crash of the slice shows to be broken again, and logs it. Fixed "now": what
-- happened and arrived after that; "in" a version: that one or a later one; "after" a version: a later one.
-- Who tells no version proves nothing of the last two. Versions are compared once a pair: a comparison takes a third of a millisecond.
-- params: none
-- columns: none
with resolved as materialized (
    select sliced.app_id, sliced.fingerprint, held.*
    from slice_groups as sliced, lateral (
        select issue_id, fixed, fixed_version, since from issues
        where issues.issue_id = sliced.issue_id and state = 'resolved'
        offset 0
    ) as held
), crashed as materialized (
    select resolved.app_id, resolved.issue_id, fixed, fixed_version,
           nullif(nullif(slice.app_version, ''), 'other') as version,
           bool_or(least(slice.timestamp, slice.received_at) > since) as later,
           min(slice.timestamp) as first_at
    from resolved join slice
        on (slice.app_id, slice.fingerprint) = (resolved.app_id, resolved.fingerprint)
    group by 1, 2, 3, 4, 5
), versions as materialized (
    select app_id, fixed, fixed_version, version,
           case fixed when 'in' then not version_before(app_id, version, fixed_version)
                      when 'after' then version_before(app_id, fixed_version, version) end as again
    from (
        select distinct app_id, fixed, fixed_version, version from crashed
        where fixed <> 'now' and version is not null
    ) as pairs
), again as materialized (
    select distinct on (issue_id) issue_id, version, fixed, fixed_version
    from crashed left join versions using (app_id, fixed, fixed_version, version)
    where case fixed when 'now' then later else again end
    order by issue_id, first_at, version
), moved as (
    update issues
    set state = 'open', because = 'regressed', since = now(), fixed = null, fixed_version = null
    from again
    where again.issue_id = issues.issue_id
)
insert into issue_log (issue_id, at, what, who, detail)
select issue_id, now(), 'regressed', 'fold', jsonb_strip_nulls(jsonb_build_object(
           'version', version, 'fixed', fixed, 'fixed_version', fixed_version))
from again
