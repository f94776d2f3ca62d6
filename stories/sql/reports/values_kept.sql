-- Values of a dimension that people had since a day, most used first.
-- params: app_id smallint, dimension text, first date, most integer
-- columns: value text, count bigint
select value, sum(n)::bigint as count
from kept_values
where app_id = %(app_id)s::smallint and event = '' and property = %(dimension)s::text
  and day >= %(first)s::date and value not in ('', 'other')
group by value
order by count desc, value
limit %(most)s::integer
