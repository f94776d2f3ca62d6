-- A label's values over a range of days, most first; name: its latest one, where labels have names.
-- params: app_id smallint, event text, property text, first date, last date
-- columns: label text, name text, n numeric
select counted.label, label_names.name, counted.n
from (
    select label, sum(n) as n
    from daily_values
    where app_id = %(app_id)s and dim = 'none' and value = '' and event = %(event)s
      and property = %(property)s and day between %(first)s and %(last)s and label <> ''
    group by label
) as counted
left join label_names
    on label_names.app_id = %(app_id)s and label_names.property = %(property)s
   and label_names.label = counted.label
order by counted.n desc, counted.label
