-- What transcriptions of some versions came to over a range of days, as stats_daily_sums and stats_numbers
-- have it of one. A version without any has no row.
-- params: app_id smallint, versions text[], first date, last date
-- columns: version text, completed bigint, unsuccessful bigint, failed bigint, cost numeric, timed numeric,
--   least numeric, most numeric, histograms text (of the days, as JSON arrays with commas)
with events as (
    select value, sum(n) filter (where event = 'transcription_completed') as completed,
           sum(n) filter (where event = 'transcription_failed') as failed
    from daily_events
    where app_id = %(app_id)s::smallint and dim = 'version' and value = any (%(versions)s::text[])
      and day between %(first)s::date and %(last)s::date
      and event in ('transcription_completed', 'transcription_failed')
    group by value
), refused as (
    select value, sum(n) as unsuccessful
    from daily_values
    where app_id = %(app_id)s::smallint and dim = 'version' and value = any (%(versions)s::text[])
      and day between %(first)s::date and %(last)s::date
      and event = 'transcription_completed' and property = 'success' and label = 'false'
    group by value
), numbers as materialized (
    select value, day, event, property, n, total, least, most, histogram
    from daily_numbers
    where app_id = %(app_id)s::smallint and dim = 'version' and value = any (%(versions)s::text[])
      and day between %(first)s::date and %(last)s::date
      and event in ('transcription_completed', 'recording_completed')
      and property in ('cost', 'processing_time_seconds')
), costs as (
    select value, sum(cost) as cost
    from (
        select value, coalesce(sum(total) filter (where event = 'transcription_completed'), sum(total)) as cost
        from numbers
        where property = 'cost'
        group by value, day
    ) as by_day
    group by value
), timings as (
    select value, sum(n) as timed, min(least) as least, max(most) as most,
           string_agg(translate(histogram::text, '{}', '[]'), ',') as histograms
    from numbers
    where property = 'processing_time_seconds'
    group by value
)
select value as version, coalesce(completed, 0)::bigint as completed,
       coalesce(unsuccessful, 0)::bigint as unsuccessful, coalesce(failed, 0)::bigint as failed,
       cost, coalesce(timed, 0) as timed, least, most, histograms
from events full join refused using (value) full join costs using (value) full join timings using (value)
