-- Names of events that carried a property of this name, among the latest events of an app.
-- params: app_id smallint, property text, latest integer (how many events are looked at)
-- columns: event text
select distinct event
from (
    select event, properties
    from latest_events(%(app_id)s::smallint, %(latest)s::integer)
) as recent
where properties ? %(property)s
order by event
