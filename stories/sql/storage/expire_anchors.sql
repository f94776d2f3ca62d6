-- What stays of expired person-days is the day, what kind of activity it was, and with which version, platform,
-- country and segment.
-- params: app_id smallint, horizon date, after uuid (exclusive; null: from the beginning),
--   upto uuid (null: to the end)
-- columns: none
update person_days
set events = 0, crashes = 0
where app_id = %(app_id)s and day < %(horizon)s and events + crashes > 0
  and (%(after)s::uuid is null or user_id > %(after)s::uuid)
  and (%(upto)s::uuid is null or user_id <= %(upto)s::uuid)
