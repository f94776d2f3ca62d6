-- Enums, booleans and labels by day and dimension; what is neither declared nor known is "other".
-- params: countable text (JSON, as fold.known_labels)
-- columns: none
with countable as materialized (
    select * from json_to_recordset(%(countable)s::json) as item
        (app_id smallint, event text, property text, type text, "values" text[])
    where type <> 'number'
), facts as materialized (
    select slice.app_id, day, event, app_version, platform, country, property,
           case
               when type = 'boolean' then properties ->> property
               when jsonb_typeof(properties -> property) is distinct from 'string' then ''
               when properties ->> property = '' then ''
               when properties ->> property = any (countable.values) then properties ->> property
               when exists (select from known_labels as known
                            where (known.app_id, known.event, known.property, known.label)
                                = (slice.app_id, slice.event, countable.property,
                                   slice.properties ->> countable.property))
                   then properties ->> property
               else 'other'
           end as label
    from slice join countable using (app_id, event)
    where kind = 'event'
      and (type <> 'boolean' or jsonb_typeof(properties -> property) = 'boolean')
)
insert into daily_values (app_id, day, dim, value, event, property, label, n)
select app_id, day, dims.dim, dims.value, event, property, label, count(*)
from facts, lateral (values ('none', ''), ('version', app_version),
                            ('platform', platform), ('country', country)) as dims (dim, value)
where dims.value is not null
group by app_id, day, dims.dim, dims.value, event, property, label
on conflict (app_id, dim, value, day, event, property, label)
    do update set n = daily_values.n + excluded.n
