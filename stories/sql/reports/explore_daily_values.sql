-- Events of a name counted by the rollups, by interval and by the value of a declared property ('': none).
-- params: app_id smallint, first date, last date, interval text (day, week, month or none), dim text, value text,
--   event text, property text
-- columns: bucket timestamp, key text, events numeric
select case when %(interval)s <> 'none' then date_trunc(%(interval)s, day::timestamp) end as bucket,
       label as key, sum(n) as events
from daily_values
where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
  and day between %(first)s::date and %(last)s::date and event = %(event)s and property = %(property)s
group by 1, 2
having sum(n) <> 0
