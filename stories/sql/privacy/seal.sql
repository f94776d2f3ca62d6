-- The days a person was active on will have lost events.
-- params: user_id uuid, app_id smallint
-- columns: none
insert into sealed_days (app_id, day)
select app_id, day from person_days
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
on conflict do nothing
