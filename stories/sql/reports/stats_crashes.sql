-- Crashes by type (dim none), version and system; under a filter by type, of that value, and of a family by
-- system too.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: dim text, key text, count numeric
select dim, case when dim = 'none' or dim = %(dim)s then crash_type else value end as key,
       sum(n) as count
from daily_crashes
where app_id = %(app_id)s and day between %(first)s::date and %(last)s::date
  and (%(dim)s = 'none' and dim in ('none', 'version', 'platform') or dim = %(dim)s and value = %(value)s
       or %(dim)s = 'family' and dim = 'platform' and platform_family(value) = %(value)s)
group by 1, 2
having sum(n) <> 0
