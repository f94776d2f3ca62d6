-- Notes the days that lose `leaving` people; what they leave in counts is carried.
-- params: none
-- columns: none
insert into sealed_days (app_id, day, carried)
select distinct app_id, day, true from leaving join person_days using (user_id, app_id)
on conflict do nothing
