-- A person's rows of group_people into `leaving_groups`.
-- params: user_id uuid, app_id smallint (null: of every app)
-- columns: none
insert into leaving_groups
select user_id, app_id, fingerprint from group_people
where user_id = %(user_id)s::uuid
  and (%(app_id)s::smallint is null or app_id = %(app_id)s::smallint)
