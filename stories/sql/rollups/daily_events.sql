-- Events by day, name and dimension: counted first as they come together, which halves the work. Families of
-- platforms are read off the platforms' counts: to see one in a name costs up to six patterns.
-- params: none
-- columns: none
with together as materialized (
    select app_id, day, event, app_version, platform, country, segments, count(*) as n
    from slice
    where kind = 'event'
    group by app_id, day, event, app_version, platform, country, segments
), counted as materialized (
    select app_id, day, dims.dim, dims.value, event, sum(n) as n
    from together, lateral (values ('none', ''), ('version', app_version),
                                   ('platform', platform), ('country', country)) as dims (dim, value)
    where dims.value is not null
    group by app_id, day, dims.dim, dims.value, event
)
insert into daily_events (app_id, day, dim, value, event, n)
select app_id, day, dim, value, event, n from counted
union all
select app_id, day, 'family', platform_family(value) as family, event, sum(n)
from counted
where dim = 'platform' and value <> ''
group by app_id, day, family, event
union all
select app_id, day, 'segment', value, event, sum(n)
from together join slice_segments using (app_id)
where segments & bit <> 0
group by app_id, day, value, event
on conflict (app_id, dim, value, day, event) do update set n = daily_events.n + excluded.n
