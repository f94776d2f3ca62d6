-- Names of the properties of an app's latest events, most frequent first.
-- params: app_id smallint, events integer (that are read), name_pattern text, most integer
-- columns: value text, count bigint
select item.key as value, count(*) as count
from (
    select properties from events
    where app_id = %(app_id)s::smallint
    order by timestamp desc
    limit %(events)s::integer
) as latest, jsonb_object_keys(case when jsonb_typeof(properties) = 'object' then properties end) as item (key)
where item.key <> '_notes' and item.key ~ %(name_pattern)s
group by item.key
order by count desc, value
limit %(most)s::integer
