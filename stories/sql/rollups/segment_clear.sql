-- Takes out what has been counted by a segment.
-- params: app_id smallint, value text
-- columns: none
with facet as (
    delete from facets where app_id = %(app_id)s and dim = 'segment' and value = %(value)s returning facet
), gone as (
    delete from series where app_id = %(app_id)s and dim = 'segment' and value = %(value)s returning series_id
), of_events as (
    delete from event_series where series_id in (select series_id from gone)
), of_values as (
    delete from value_series where series_id in (select series_id from gone)
), of_numbers as (
    delete from number_series where series_id in (select series_id from gone)
), of_daily_crashes as (
    delete from daily_crashes where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), of_departed_daily_events as (
    delete from departed_daily_events where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), of_departed_daily_values as (
    delete from departed_daily_values where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), of_departed_daily_numbers as (
    delete from departed_daily_numbers where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), of_departed_daily_crashes as (
    delete from departed_daily_crashes where app_id = %(app_id)s and dim = 'segment' and value = %(value)s
), of_people_now as (
    delete from people_now where app_id = %(app_id)s and facet in (select facet from facet)
), of_departed as (
    delete from departed_active_gaps where app_id = %(app_id)s and facet in (select facet from facet)
)
delete from active_gaps where app_id = %(app_id)s and facet in (select facet from facet)
