-- Notes labels not seen before, up to a number per property; declared enum values need no place.
-- params: countable text (JSON: app_id, event, property, type, values, percentiles), most integer
-- columns: none
with countable as materialized (
    select * from json_to_recordset(%(countable)s::json) as item
        (app_id smallint, event text, property text, type text, "values" text[])
    where type in ('label', 'enum')
), seen as (
    select distinct slice.app_id, slice.event, countable.property,
           slice.properties ->> countable.property as label
    from slice join countable using (app_id, event)
    where slice.kind = 'event'
      and jsonb_typeof(slice.properties -> countable.property) = 'string'
      and length(slice.properties ->> countable.property) between 1 and 100
      and slice.properties ->> countable.property <> all (countable.values)
), unknown as (
    select seen.*, row_number() over (partition by app_id, event, property order by label) as place
    from seen
    where not exists (select from known_labels as known
                      where (known.app_id, known.event, known.property, known.label)
                          = (seen.app_id, seen.event, seen.property, seen.label))
)
insert into known_labels (app_id, event, property, label)
select app_id, event, property, label
from unknown
where place <= %(most)s - (select count(*) from known_labels as known
                           where (known.app_id, known.event, known.property)
                               = (unknown.app_id, unknown.event, unknown.property))
