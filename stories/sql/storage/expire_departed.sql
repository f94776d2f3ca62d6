-- Forgets what erased people left behind on sealed days: no recount asks for it.
-- params: none
-- columns: none
delete from departed_daily_events where is_sealed(app_id, day);
delete from departed_daily_values where is_sealed(app_id, day);
delete from departed_daily_numbers where is_sealed(app_id, day);
delete from departed_daily_crashes where is_sealed(app_id, day);
delete from departed_daily_sessions where is_sealed(app_id, day);
delete from departed_active_gaps where is_sealed(app_id, day);
delete from departed_group_days where is_sealed(app_id, day)
