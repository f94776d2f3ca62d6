-- Events by day, name and dimension: counted first as they come together, which halves the work. Families of
-- platforms are read off the platforms' counts: to see one in a name costs up to six patterns.
-- Series that are new are numbered here, too; nobody else makes any while the fold holds its lock.
-- params: none
-- columns: none
with together as materialized (
    select app_id, day, event, app_version, platform, country, segments, count(*) as n
    from slice
    where kind = 'event'
    group by app_id, day, event, app_version, platform, country, segments
), by_name as materialized (
    select app_id, day, dims.dim, dims.value, event, sum(n) as n
    from together, lateral (values ('none', ''), ('version', app_version),
                                   ('platform', platform), ('country', country)) as dims (dim, value)
    where dims.value is not null
    group by app_id, day, dims.dim, dims.value, event
), counted as materialized (
    select app_id, day, dim, value, event, n from by_name
    union all
    select app_id, day, 'family', platform_family(value) as family, event, sum(n)
    from by_name
    where dim = 'platform' and value <> ''
    group by app_id, day, family, event
    union all
    select app_id, day, 'segment', value, event, sum(n)
    from together join slice_segments using (app_id)
    where segments & bit <> 0
    group by app_id, day, value, event
), named as materialized (
    select counted.*, series_id
    from counted left join (select * from series where property = '' and label = '') as named using (app_id, dim, value, event)
), new as (
    insert into series (app_id, dim, value, event)
    select distinct app_id, dim, value, event from named where series_id is null
    returning series_id, app_id, dim, value, event
)
insert into event_series (series_id, day, n)
select coalesce(named.series_id, new.series_id), day, n
from named left join new using (app_id, dim, value, event)
on conflict (series_id, day) do update set n = event_series.n + excluded.n
