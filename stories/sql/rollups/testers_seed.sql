-- Makes these people, and nobody else, the testers of every app.
-- params: user_ids uuid[]
-- columns: none
with removed as (
    delete from testers
    where app_id is null and user_id <> all (%(user_ids)s::uuid[])
)
insert into testers (app_id, user_id)
select null, user_id from unnest(%(user_ids)s::uuid[]) as user_id
on conflict do nothing
