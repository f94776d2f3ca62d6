-- Versions that came out in a range of days, for the markers in charts: on the day they were marked with, else
-- when they were first seen. A version that is not marked and never had a fiftieth of the busiest one's
-- people is no release: testers' builds would fill the chart. Only the days of the range are read; when a
-- version was first seen is a look into an index for each of its events.
-- params: app_id smallint, first date, last date
-- columns: version text, day date
with versions as (
    select value as version, sum(n) as people
    from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version'
      and day between %(first)s::date and %(last)s::date and value <> 'other'
    group by value
), marked as (
    select version, (released_at at time zone timezone)::date as day
    from releases join apps using (app_id)
    where app_id = %(app_id)s::smallint and released_at is not null
)
select version, day
from marked
where day between %(first)s::date and %(last)s::date
union all
select version, first_seen.day
from versions, lateral (
    select min((select min(day) from event_series where event_series.series_id = series.series_id)) as day from series
    where app_id = %(app_id)s::smallint and dim = 'version' and value = version and property = '' and label = ''
) as first_seen
where people * 50 >= (select max(people) from versions)
  and first_seen.day between %(first)s::date and %(last)s::date
  and not exists (select from marked where marked.version = versions.version)
order by day, version
