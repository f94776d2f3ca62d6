-- How many people used a version, platform or country on a day: those of the slice for whom it is new.
-- params: none
-- columns: none
update kept_values as kept set n = kept.n + arrived.people
from (
    select app_id, day, property, value, count(*) as people
    from (
        select app_id, day, 'version' as property, old_versions || old_crash_versions as before,
               unnest(case when crash_versions <@ versions then versions
                           else union_of(versions, crash_versions) end) as value
        from new_days
        union all
        select app_id, day, 'platform', old_platforms || old_crash_systems,
               unnest(case when crash_systems <@ platforms then platforms
                           else union_of(platforms, crash_systems) end)
        from new_days
        union all
        select app_id, day, 'country', old_countries, unnest(countries) from new_days
    ) as used
    where value <> all (before)
    group by app_id, day, property, value
) as arrived
where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
    = (arrived.app_id, '', arrived.property, arrived.day, arrived.value)
