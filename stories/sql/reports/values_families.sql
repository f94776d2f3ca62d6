-- Families of the platforms that events had since a day, most used first.
-- params: app_id smallint, first date, most integer
-- columns: value text, count bigint
select platform_family(value) as value, sum(n)::bigint as count
from kept_values
where app_id = %(app_id)s::smallint and event = '' and property = 'platform'
  and day >= %(first)s::date and value not in ('', 'other')
group by 1
order by count desc, value
limit %(most)s::integer
