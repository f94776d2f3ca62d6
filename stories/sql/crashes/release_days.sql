-- People and crashes of one version by day.
-- params: app_id smallint, version text, first date, last date
-- columns: day date, people bigint, crashes bigint
select day, sum(people)::bigint as people, sum(crashes)::bigint as crashes
from (
    select day, n as people, 0 as crashes from kept_values
    where app_id = %(app_id)s::smallint and event = '' and property = 'version'
      and value = %(version)s::text and day between %(first)s::date and %(last)s::date
    union all
    select day, 0, n from daily_crashes
    where app_id = %(app_id)s::smallint and dim = 'version' and value = %(version)s::text
      and day between %(first)s::date and %(last)s::date
) as counted
group by day
order by day
