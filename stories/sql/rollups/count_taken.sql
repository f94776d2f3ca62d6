-- How many keys were taken, for a slice that is tried again in parts.
-- params: none
-- columns: keys bigint
select count(*) as keys from taken_keys
