-- Distinct people of a range of days, by kind of activity.
-- params: app_id smallint, first date, last date
-- columns: kind smallint, people numeric
select kind, sum(people) as people
from active_gaps
where app_id = %(app_id)s and facet = 0 and kind >= 0 and day between %(first)s and %(last)s
  and (gap = 0 or gap > day - %(first)s::date)
group by kind
