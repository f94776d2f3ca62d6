-- The key of people's hashes, made at the first question.
-- params: none
-- columns: value text
with made as (
    insert into server_secrets (name, value)
    values ('person_key', gen_random_uuid()::text || gen_random_uuid()::text)
    on conflict do nothing
    returning value
)
select value from made union all select value from server_secrets where name = 'person_key' limit 1
