-- What an answer stands on: the fold's generation, the app's first day with an event, and the last day
-- of the range that has lost events to expiry or erasure; the number of the filter's value, null where it has
-- never come.
-- params: app_id smallint, dim text ('none': no filter), value text, since date (null: from the beginning), last date
-- columns: generation bigint, first_day date, last_sealed date, facet integer
select generation,
       (select min(day) from daily_events
        where app_id = %(app_id)s and dim = 'none' and value = '') as first_day,
       (select max(day) from sealed_days
        where app_id = %(app_id)s and day <= %(last)s::date
          and day >= coalesce(%(since)s::date, '-infinity')) as last_sealed,
       case when %(dim)s = 'none' then 0
           else (select facet from facets where (app_id, dim, value) = (%(app_id)s, %(dim)s, %(value)s)) end as facet
from fold_state
