-- What the slice says of enums, booleans and labels, counted as it comes together, into `label_facts`:
-- rollups/kept_values and rollups/daily_values both read it, so that each property is taken out of its
-- event once. declared: the value needs no place of its own (rollups/kept_values).
-- params: countable text (JSON: app_id, event, property, type, values, percentiles)
-- columns: none
with rules as materialized (
    select row_number() over () as rule, *
    from json_to_recordset(%(countable)s::json) as item
        (app_id smallint, event text, property text, type text, "values" text[])
    where type <> 'number'
), together as materialized (  -- the number of a rule instead of its three names
    select rule, day, app_version, platform, country, segments, label, count(*) as n
    from (
        select rule, day, app_version, platform, country, segments, label_of(type, item) as label
        from (  -- `offset 0`: a value is taken from its properties once, not wherever it is named
            select rule, type, slice.day, slice.app_version, slice.platform, slice.country,
                   slice.segments, slice.properties -> rules.property as item
            from slice join rules using (app_id, event)
            where slice.kind = 'event'
            offset 0
        ) as items
    ) as labels
    where label is not null
    group by rule, day, app_version, platform, country, segments, label
)
insert into label_facts (app_id, event, property, day, app_version, platform, country, segments, label,
                         declared, n)
select app_id, event, property, day, app_version, platform, country, segments, label,
       type = 'boolean' or label = any (values), n
from together join rules using (rule)
