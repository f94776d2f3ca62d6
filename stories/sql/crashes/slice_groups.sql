-- The groups of the slice and what it adds to each, into `slice_groups`. first_version, last_version: of its
-- first and its last crash; null where that one told none. handled: handled errors only.
-- params: none
-- columns: none
with sent as materialized (
    select app_id, fingerprint, user_id, nullif(nullif(app_version, ''), 'other') collate "C" as version,
           count(*) as n, min(timestamp) as first_at, max(timestamp) as last_at,
           bool_and(kind = 'event') as handled
    from slice
    where fingerprint is not null
    group by 1, 2, 3, 4
), versions as materialized (
    select app_id, fingerprint, version, sum(n) as n, min(first_at) as first_at, max(last_at) as last_at,
           bool_and(handled) as handled
    from sent
    group by app_id, fingerprint, version
), people as materialized (
    select app_id, fingerprint, count(*) as people
    from (select distinct app_id, fingerprint, user_id from sent where is_person(user_id)) as pairs
    group by app_id, fingerprint
), summed as materialized (
    select app_id, fingerprint, sum(n) as n, min(first_at) as first_at, max(last_at) as last_at,
           (array_agg(version order by first_at, version nulls first))[1] as first_version,
           (array_agg(version order by last_at desc, version desc nulls last))[1] as last_version,
           bool_and(handled) as handled
    from versions
    group by app_id, fingerprint
)
insert into slice_groups
select summed.app_id, summed.fingerprint, held.issue_id, held.issue_id is null, n, coalesce(people, 0), first_at, last_at,
       summed.first_version, summed.last_version, summed.handled
from summed
left join people on (people.app_id, people.fingerprint) = (summed.app_id, summed.fingerprint)
left join lateral (
    select issue_id from groups
    where (groups.app_id, groups.fingerprint) = (summed.app_id, summed.fingerprint)
    offset 0
) as held on true
