-- The timings: how many, their sum and bounds, and the histograms of the days (see daily_numbers) as JSON arrays with commas.
-- They are added up in Python: unnesting a year takes longer.
-- params: app_id smallint, dim text, value text, first date, last date
-- columns: property text, n numeric, total numeric, least numeric, most numeric, histograms text
select property, sum(n) as n, sum(total) as total, min(least) as least, max(most) as most,
       string_agg(translate(histogram::text, '{}', '[]'), ',')
           filter (where property = 'processing_time_seconds') as histograms
from daily_numbers
where app_id = %(app_id)s and dim = %(dim)s and value = %(value)s
  and day between %(first)s::date and %(last)s::date
  and (event, property) in (('transcription_completed', 'processing_time_seconds'),
                            ('recording_completed', 'processing_time_seconds'),
                            ('app_opened', 'startup_time_seconds'))
group by property
