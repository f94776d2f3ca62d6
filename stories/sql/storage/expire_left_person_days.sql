-- Deletes what person_days holds of the people in `leaving`.
-- params: none
-- columns: none
delete from person_days using leaving
where (person_days.user_id, person_days.app_id) = (leaving.user_id, leaving.app_id)
