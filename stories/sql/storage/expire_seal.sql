-- Seals the days before the first kept one that anybody was active on, and moves apps.whole_since.
-- params: app_id smallint, horizon date
-- columns: none
with moved as (
    update apps set whole_since = %(horizon)s
    where app_id = %(app_id)s and whole_since < %(horizon)s
)
insert into sealed_days (app_id, day)
select distinct app_id, day from active_gaps
where app_id = %(app_id)s and facet = 0 and kind = 0 and day < %(horizon)s
on conflict (app_id, day) do update set carried = false where sealed_days.carried
