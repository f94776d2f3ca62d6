-- Values of properties that are counted by value, of these events since a day, most frequent first.
-- params: app_id smallint, events text[], properties text[], first date, most integer
-- columns: value text, count bigint
select label as value, sum(n)::bigint as count
from daily_values
where app_id = %(app_id)s::smallint and dim = 'none' and value = '' and day >= %(first)s::date
  and event = any (%(events)s::text[]) and property = any (%(properties)s::text[]) and label not in ('', 'other')
group by label
order by count desc, label
limit %(most)s::integer
