-- Distinct people of each day of a range, by kind of activity.
-- params: app_id smallint, first date, last date
-- columns: day date, kind integer, people numeric
select day, kind, sum(people) as people
from active_gaps
where app_id = %(app_id)s and facet = 0 and day between %(first)s and %(last)s
group by day, kind
