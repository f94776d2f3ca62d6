-- Enums, booleans and labels by day and dimension; families as in rollups/daily_events.
-- Days that are new are inserted as there, too.
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
), held as materialized (
    select app_id, day
    from (select distinct app_id, day from label_facts) as days
    where exists (select from daily_values as held
                  where (held.app_id, held.dim, held.value, held.day) = (days.app_id, 'none', '', days.day))
), fresh as (
    insert into daily_values (app_id, day, dim, value, event, property, label, n)
    select * from counted where (app_id, day) not in (select * from held)
)
insert into daily_values (app_id, day, dim, value, event, property, label, n)
select * from counted where (app_id, day) in (select * from held)
on conflict (app_id, dim, value, day, event, property, label)
    do update set n = daily_values.n + excluded.n
