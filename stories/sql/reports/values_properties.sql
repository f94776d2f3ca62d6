-- Names of the properties of an app's latest events, most frequent first.
-- params: app_id smallint, events integer (that are read), name_pattern text, most integer
-- columns: value text, count bigint
with latest as materialized (
    select properties from latest_events(%(app_id)s::smallint, %(events)s::integer)
)
select value, count
from (
    select item.key as value, count(*) as count
    from latest, jsonb_object_keys(case when jsonb_typeof(properties) = 'object' then properties end) as item (key)
    group by item.key
) as names
where value <> '_notes' and value ~ %(name_pattern)s
order by count desc, value
limit %(most)s::integer
