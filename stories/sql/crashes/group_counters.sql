-- Adds what `slice_groups` holds to the counters of the groups that were there before. Who was first and who
-- last is decided by time, then by version, so that the order of arrival does not matter.
-- params: none
-- columns: none
update groups set
    n = groups.n + sliced.n,
    handled = groups.handled and sliced.handled,
    first_version = case when (sliced.first_at, coalesce(sliced.first_version, '') collate "C")
                            < (first_seen, coalesce(groups.first_version, '') collate "C")
        then sliced.first_version else groups.first_version end,
    last_version = case when (sliced.last_at, coalesce(sliced.last_version, '') collate "C")
                           > (last_seen, coalesce(groups.last_version, '') collate "C")
        then sliced.last_version else groups.last_version end,
    first_seen = least(first_seen, sliced.first_at),
    last_seen = greatest(last_seen, sliced.last_at)
from slice_groups as sliced
where not sliced.is_new and (sliced.app_id, sliced.fingerprint) = (groups.app_id, groups.fingerprint)
