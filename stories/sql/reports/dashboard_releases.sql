-- The day a version was first seen, for the markers in charts. A version that never had a tenth of a
-- day's busiest one is no release: testers' builds would fill the chart.
-- params: app_id smallint
-- columns: version text, day date
with versions as (
    select value as version, min(day) as day, sum(n) as events
    from daily_events
    where app_id = %(app_id)s::smallint and dim = 'version'
    group by value
)
select version, day
from versions
where events * 50 >= (select max(events) from versions)
order by day, version
