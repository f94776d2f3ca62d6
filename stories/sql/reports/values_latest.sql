-- Values of a property in an app's latest events, most frequent first. Lists, objects and long texts are none.
-- params: app_id smallint, property text, events integer (that are read), length integer (characters), most integer
-- columns: value text, count bigint
select properties ->> %(property)s::text as value, count(*) as count
from (
    select properties from latest_events(%(app_id)s::smallint, %(events)s::integer)
) as latest
where jsonb_typeof(properties -> %(property)s::text) in ('string', 'number', 'boolean')
  and length(properties ->> %(property)s::text) between 1 and %(length)s::integer
group by 1
order by count desc, value
limit %(most)s::integer
