-- Names of events that carried a property of this name, among the latest events of an app.
-- params: app_id smallint, property text, latest integer (how many events are looked at)
-- columns: event text
select distinct event
from (
    select event, properties
    from events
    where app_id = %(app_id)s
    order by timestamp desc
    limit %(latest)s
) as recent
where properties ? %(property)s
order by event
