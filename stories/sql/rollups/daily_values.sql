-- Enums, booleans and labels by day and dimension; families as in rollups/daily_events.
-- params: none
-- columns: none
with counted as materialized (
    select app_id, day, dims.dim, dims.value, event, property, label, sum(n) as n
    from label_facts, lateral (values ('none', ''), ('version', app_version), ('platform', platform),
                                      ('country', country)) as dims (dim, value)
    where dims.value is not null
    group by app_id, day, dims.dim, dims.value, event, property, label
), families as materialized (
    select platform, platform_family(platform) as family
    from (select distinct value as platform from counted where dim = 'platform' and value <> '') as named
)
insert into daily_values (app_id, day, dim, value, event, property, label, n)
select app_id, day, dim, value, event, property, label, n from counted
union all
select app_id, day, 'family', family, event, property, label, sum(n)
from counted join families on dim = 'platform' and value = platform
group by app_id, day, family, event, property, label
union all
select app_id, day, 'segment', value, event, property, label, sum(n)
from label_facts join slice_segments using (app_id)
where segments & bit <> 0
group by app_id, day, value, event, property, label
on conflict (app_id, dim, value, day, event, property, label)
    do update set n = daily_values.n + excluded.n
