-- What an app's latest events carry, by name and property: how many of how many events have it, as what, and how
-- many values it has. Values are hashed, to be compared only. At most a hundred properties a name. Without
-- properties an event has one row, of nulls.
-- params: app_id smallint, event text (null: all), most integer (events that are read), name_pattern text
-- columns: looked_at bigint, event text, events bigint, property text, types text[], carried bigint, value_count bigint
with latest as materialized (
    select event, properties from latest_events(%(app_id)s::smallint, %(most)s::integer)
), named as (
    select event, count(*) as events from latest
    where %(event)s::text is null or event = %(event)s::text
    group by event
), items as materialized (
    select event, item.key as property, jsonb_typeof(item.value) as type,
           hashtextextended(item.value::text, 0) as hashed
    from latest, jsonb_each(case when jsonb_typeof(properties) = 'object' then properties end) as item
    where (%(event)s::text is null or event = %(event)s::text)
      and item.key <> '_notes' and item.key ~ %(name_pattern)s and jsonb_typeof(item.value) <> 'null'
), summed as (
    select event, property, array_agg(distinct type) as types, count(*) as carried,
           count(distinct hashed) as value_count,
           row_number() over (partition by event order by count(*) desc, property) as place
    from items
    group by event, property
)
select (select count(*) from latest) as looked_at, event, named.events, property, types, carried, value_count
from named left join (select * from summed where place <= 100) as summed using (event)
order by named.events desc, event, carried desc, property
