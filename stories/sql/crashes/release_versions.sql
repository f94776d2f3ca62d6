-- The versions that were used in these days, those with most people by day; at most `limit`.
-- params: app_id smallint, first date, last date, limit integer
-- columns: version text
select value as version
from kept_values
where app_id = %(app_id)s::smallint and event = '' and property = 'version'
  and day between %(first)s::date and %(last)s::date and value <> 'other'
group by value
order by sum(n) desc, value
limit %(limit)s
