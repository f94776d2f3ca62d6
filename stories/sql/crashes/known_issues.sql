-- The issue of a new group that names another group in `also`: the first of them that is known, or that came
-- before it in this slice (of that one only `parent` is written: its issue may be made yet). A group whose
-- names are missing has one heir, the first group with names that continues it; one that comes when there is an heir
-- joins that one's issue. Crashes of the catch-all group have nothing in common.
-- params: catch_all bytea
-- columns: none
with named as materialized (
    select new.app_id, new.fingerprint, new.first_at, new.raw, other.fingerprint as parent, other.place
    from new_groups as new cross join lateral unnest(new.also) with ordinality as other (fingerprint, place)
    where new.fingerprint <> %(catch_all)s
    union all
    select new.app_id, new.fingerprint, new.first_at, new.raw, names.heir, 0
    from new_groups as new join group_names as names
        on (names.app_id, names.fingerprint) = (new.app_id, new.fingerprint) and names.heir is not null
), held as materialized (
    select named.*, groups.issue_id, groups.heir,
           (select raw from group_names as names
            where (names.app_id, names.fingerprint) = (named.app_id, named.parent)) as was_raw
    from named cross join lateral (
        select issue_id, heir from groups
        where (groups.app_id, groups.fingerprint) = (named.app_id, named.parent)
        offset 0
    ) as groups
    union all
    select named.*, null, null, earlier.raw
    from named join new_groups as earlier on (earlier.app_id, earlier.fingerprint) = (named.app_id, named.parent)
    where (earlier.first_at, earlier.fingerprint) < (named.first_at, named.fingerprint)
), claims as materialized (
    select distinct on (app_id, fingerprint) held.*, coalesce(was_raw, false) and not raw as inherits
    from held
    where not (coalesce(was_raw, false) and not raw and heir is not null)
    order by app_id, fingerprint, place
), granted as materialized (
    select distinct on (app_id, case when inherits then parent else fingerprint end)
           app_id, fingerprint, issue_id, parent
    from claims
    order by app_id, case when inherits then parent else fingerprint end, first_at, fingerprint
)
update new_groups as new set issue_id = granted.issue_id, parent = granted.parent
from granted
where (granted.app_id, granted.fingerprint) = (new.app_id, new.fingerprint)
