-- Enums, booleans and labels by day and dimension; families as in rollups/daily_events.
-- Series that are new are numbered as there, too.
-- params: none
-- columns: none
with by_name as materialized (
    select app_id, day, dims.dim, dims.value, event, property, label, sum(n) as n
    from label_facts, lateral (values ('none', ''), ('version', app_version), ('platform', platform),
                                      ('country', country)) as dims (dim, value)
    where dims.value is not null
    group by app_id, day, dims.dim, dims.value, event, property, label
), families as materialized (
    select platform, platform_family(platform) as family
    from (select distinct value as platform from by_name where dim = 'platform' and value <> '') as named
), counted as materialized (
    select app_id, day, dim, value, event, property, label, n from by_name
    union all
    select app_id, day, 'family', family, event, property, label, sum(n)
    from by_name join families on dim = 'platform' and value = platform
    group by app_id, day, family, event, property, label
    union all
    select app_id, day, 'segment', value, event, property, label, sum(n)
    from label_facts join slice_segments using (app_id)
    where segments & bit <> 0
    group by app_id, day, value, event, property, label
), named as materialized (
    select counted.*, series_id
    from counted left join series as named using (app_id, dim, value, event, property, label)
), new as (
    insert into series (app_id, dim, value, event, property, label)
    select distinct app_id, dim, value, event, property, label from named where series_id is null
    returning series_id, app_id, dim, value, event, property, label
)
insert into value_series (series_id, day, n)
select coalesce(named.series_id, new.series_id), day, n
from named left join new using (app_id, dim, value, event, property, label)
on conflict (series_id, day) do update set n = value_series.n + excluded.n
