-- Adds testers of every app.
-- params: user_ids uuid[]
-- columns: none
insert into testers (app_id, user_id)
select null, user_id from unnest(%(user_ids)s::uuid[]) as user_id
on conflict do nothing
