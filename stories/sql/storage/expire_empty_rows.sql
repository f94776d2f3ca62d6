-- Deletes rows that count nobody any more (a person's next day leaves some behind), and series that no day has a row
-- of, as after an erasure. `offset 0`: a probe for each series, where a join would read all days.
-- params: none
-- columns: none
delete from people_now where people = 0;
delete from lifetimes where people = 0;
delete from active_gaps where people = 0;
delete from cohort_weeks where people = 0;
delete from series
where not exists (select from event_series where event_series.series_id = series.series_id offset 0)
  and not exists (select from value_series where value_series.series_id = series.series_id offset 0)
  and not exists (select from number_series where number_series.series_id = series.series_id offset 0)
