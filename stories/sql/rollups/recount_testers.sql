-- Deletes what sealed days still hold of people who have become testers since.
-- params: none
-- columns: none
delete from public.person_days as days
using testers
where testers.user_id = days.user_id and (testers.app_id = days.app_id or testers.app_id is null)
