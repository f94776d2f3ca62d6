-- The issue of a new group that names another group in `also`: the first of them that is known. A group whose
-- names are missing has one heir, the first group with names that continues it. Crashes of the catch-all
-- group have nothing in common.
-- params: catch_all bytea
-- columns: none
with claims as materialized (
    select distinct on (new.app_id, new.fingerprint)
           new.app_id, new.fingerprint, new.first_at, new.raw, held.issue_id, other.fingerprint as parent,
           coalesce(held.raw, false) and not new.raw as inherits
    from new_groups as new
    cross join lateral unnest(new.also) with ordinality as other (fingerprint, place)
    cross join lateral (
        select groups.issue_id, groups.heir,
               (select raw from group_names as names
                where (names.app_id, names.fingerprint) = (groups.app_id, groups.fingerprint)) as raw
        from groups
        where (groups.app_id, groups.fingerprint) = (new.app_id, other.fingerprint)
        offset 0
    ) as held
    where new.fingerprint <> %(catch_all)s and not (coalesce(held.raw, false) and not new.raw
                                                    and held.heir is not null)
    order by new.app_id, new.fingerprint, other.place
), granted as materialized (
    select distinct on (app_id, case when inherits then parent else fingerprint end)
           app_id, fingerprint, issue_id, parent
    from claims
    order by app_id, case when inherits then parent else fingerprint end, first_at, fingerprint
)
update new_groups as new set issue_id = granted.issue_id, parent = granted.parent
from granted
where (granted.app_id, granted.fingerprint) = (new.app_id, new.fingerprint)
