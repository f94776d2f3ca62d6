-- Events by day, name and dimension: counted first as they come together, which halves the work. Families of
-- platforms are read off the platforms' counts: to see one in a name costs up to six patterns.
-- Rows of days that the table has nothing of yet, as in a backlog, are inserted as they are: to look for a conflict
-- first takes twice as long. Nobody else inserts any while the fold holds its lock.
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
), held as materialized (
    select app_id, day
    from (select distinct app_id, day from together) as days
    where exists (select from daily_events as held
                  where (held.app_id, held.dim, held.value, held.day) = (days.app_id, 'none', '', days.day))
), fresh as (
    insert into daily_events (app_id, day, dim, value, event, n)
    select app_id, day, dim, value, event, n from counted where (app_id, day) not in (select * from held)
)
insert into daily_events (app_id, day, dim, value, event, n)
select app_id, day, dim, value, event, n from counted where (app_id, day) in (select * from held)
on conflict (app_id, dim, value, day, event) do update set n = daily_events.n + excluded.n
