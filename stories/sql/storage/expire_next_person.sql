-- Where a piece of the person-days from before the first kept day ends; null when the rest is one piece.
-- params: app_id smallint, horizon date, after uuid (null: from the beginning), most integer
-- columns: upto uuid
select user_id as upto
from person_days
where app_id = %(app_id)s and day < %(horizon)s
  and (%(after)s::uuid is null or user_id > %(after)s::uuid)
order by user_id
offset %(most)s
limit 1
