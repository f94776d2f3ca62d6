-- Enums, booleans and labels by day and dimension; what has no place of its own (rollups/kept_values) is
-- "other".
-- Counted first as they come together, then by each dimension: a third of the rows, and the number
-- of a rule instead of its three names.
-- params: countable text (JSON, as rollups/kept_values)
-- columns: none
with rules as materialized (
    select row_number() over () as rule, *
    from json_to_recordset(%(countable)s::json) as item
        (app_id smallint, event text, property text, type text)
    where type <> 'number'
), facts as materialized (
    select rule, texts.day, app_version, platform, country,
           case when others.value is null then text else 'other' end as label
    from (
        select rule, app_id, event, property, day, app_version, platform, country,
               case
                   when type = 'boolean' then properties ->> property
                   when jsonb_typeof(properties -> property) is distinct from 'string' then ''
                   else properties ->> property
               end as text
        from slice join rules using (app_id, event)
        where kind = 'event'
          and (type <> 'boolean' or jsonb_typeof(properties -> property) = 'boolean')
    ) as texts
    left join other_values as others
        on (others.app_id, others.event, others.property, others.day, others.value)
         = (texts.app_id, texts.event, texts.property, texts.day, texts.text)
), together as materialized (
    select rule, day, label, app_version, platform, country, count(*) as n
    from facts
    group by rule, day, label, app_version, platform, country
), counted as (
    select rule, day, dims.dim, dims.value, label, sum(n) as n
    from together, lateral (values (1, ''), (2, app_version), (3, platform), (4, country))
                       as dims (dim, value)
    where dims.value is not null
    group by rule, day, dims.dim, dims.value, label
)
insert into daily_values (app_id, day, dim, value, event, property, label, n)
select app_id, day, ('{none,version,platform,country}'::text[])[dim], value, event, property, label, n
from counted join rules using (rule)
on conflict (app_id, dim, value, day, event, property, label)
    do update set n = daily_values.n + excluded.n
