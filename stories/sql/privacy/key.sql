-- The key of people's hashes.
-- params: none
-- columns: value text
select value from server_secrets where name = 'person_key'
