-- Events counted by the rollups, by interval and key: of one value of a dimension, or of each of its values
-- (value null; the key), or by name (by_event; the key).
-- params: app_id smallint, first date, last date, interval text (day, week, month or none), dim text, value text,
--   event text (null: any), by_event boolean
-- columns: bucket timestamp, key text, events numeric
select case when %(interval)s <> 'none' then date_trunc(%(interval)s, day::timestamp) end as bucket,
       case when %(by_event)s then event when %(value)s::text is null then value else '' end as key,
       sum(n) as events
from daily_events
where app_id = %(app_id)s and dim = %(dim)s and (%(value)s::text is null or value = %(value)s)
  and day between %(first)s::date and %(last)s::date and (%(event)s::text is null or event = %(event)s)
group by 1, 2
having sum(n) <> 0
