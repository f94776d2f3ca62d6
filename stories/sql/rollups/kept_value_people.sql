-- How many people used a version, platform or country on a day: those of the slice for whom it is new.
-- params: none
-- columns: none
update kept_values as kept set n = kept.n + arrived.people
from (
    select app_id, day, dims.property, named.value, count(*) as people
    from new_days, lateral (values
        ('version', versions || crash_versions, old_versions),
        ('platform', platforms || crash_systems, old_platforms),
        ('country', countries, old_countries)
    ) as dims (property, now, before), lateral (select distinct unnest(dims.now) as value) as named
    where not dims.before @> dims.now and named.value <> all (dims.before)
    group by app_id, day, dims.property, named.value
) as arrived
where (kept.app_id, kept.event, kept.property, kept.day, kept.value)
    = (arrived.app_id, '', arrived.property, arrived.day, arrived.value)
