-- Whether the server is a standby, which cannot be written to.
-- params: none
-- columns: standby boolean
select pg_is_in_recovery() as standby
