-- A person who is being erased, in each app that holds something of theirs.
-- params: user_id uuid, app_id smallint (null: in every app)
-- columns: none
insert into leaving (app_id, user_id)
select app_id, %(user_id)s::uuid from apps
where %(app_id)s::smallint is null or app_id = %(app_id)s::smallint
