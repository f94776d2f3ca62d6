-- Crashes by version over a range of days.
-- params: app_id smallint, first date, last date
-- columns: version text, crashes bigint
select value as version, sum(n)::bigint as crashes
from daily_crashes
where app_id = %(app_id)s::smallint and dim = 'version'
  and day between %(first)s::date and %(last)s::date
group by value
