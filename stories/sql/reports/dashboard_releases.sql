-- Versions that were first seen in a range of days, for the markers in charts. A version that never had a
-- fiftieth of the busiest one's people is no release: testers' builds would fill the chart. Only the days
-- of the range are read; when a version was first seen is one look into an index.
-- params: app_id smallint, first date, last date
-- columns: version text, day date
with versions as (
    select value as version, sum(n) as people
    from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version'
      and day between %(first)s::date and %(last)s::date and value <> 'other'
    group by value
)
select version, first_seen.day
from versions, lateral (
    select min(day) as day from daily_events
    where app_id = %(app_id)s::smallint and dim = 'version' and value = version
) as first_seen
where people * 50 >= (select max(people) from versions)
  and first_seen.day between %(first)s::date and %(last)s::date
order by first_seen.day, version
