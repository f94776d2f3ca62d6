-- How many crashes have no fingerprint.
-- params: none
-- columns: crashes bigint
select count(*) as crashes from crashes where fingerprint is null
