-- Makes the key of people's hashes, if there is none.
-- params: none
-- columns: none
insert into server_secrets (name, value)
values ('person_key', gen_random_uuid()::text || gen_random_uuid()::text)
on conflict do nothing
