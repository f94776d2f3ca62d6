-- Takes the lock under which the dumps of an app are counted, for this transaction.
-- params: lock integer, app_id integer
-- columns: locked text
select pg_advisory_xact_lock(%(lock)s::integer, %(app_id)s::integer)::text as locked
