-- What answers stand on, a row for each range of days in the order asked: the fold's generation, the app's first day
-- with an event, and the last day of the range that has lost events to expiry or erasure; the number of the filter's
-- value, null where it has never come, and the first and the last day on which somebody named it; the names that it
-- stands for, or a segment's bit.
-- params: app_id smallint, dim text ('none': no filter), value text, sinces date[] (null in it: from the beginning), lasts date[]
-- columns: generation bigint, first_day date, last_sealed date, facet integer, named_first date, named_last date,
--   names text[], bit integer
with filtered as materialized (
    select facet from facets where %(dim)s <> 'none' and (app_id, dim, value) = (%(app_id)s, %(dim)s, %(value)s)
)
select generation,
       (select min((select min(day) from event_series where event_series.series_id = series.series_id)) from series
        where app_id = %(app_id)s and dim = 'none' and value = '' and property = '' and label = '') as first_day,
       (select max(day) from sealed_days
        where app_id = %(app_id)s and day <= asked.last
          and day >= coalesce(asked.since, '-infinity')) as last_sealed,
       case when %(dim)s = 'none' then 0
           else (select facet from filtered) end as facet,
       (select min(day) from active_gaps
        where app_id = %(app_id)s and facet = (select facet from filtered) and kind = 1) as named_first,
       (select max(day) from active_gaps
        where app_id = %(app_id)s and facet = (select facet from filtered) and kind = 1) as named_last,
       case when %(dim)s = 'family' then array(
           select value from facets
           where app_id = %(app_id)s and dim = 'platform' and platform_family(value) = %(value)s
       ) else array[%(value)s::text] end as names,
       (select 1 << place from segments
        where %(dim)s = 'segment' and app_id = %(app_id)s and segment_id::text = %(value)s) as bit
from fold_state cross join unnest(%(sinces)s::date[], %(lasts)s::date[]) with ordinality as asked (since, last, place)
order by place
