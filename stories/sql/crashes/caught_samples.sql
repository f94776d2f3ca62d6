-- One crash of each of these fingerprints in an app's catch-all group, to name it by: one kept whole if there is
-- any.
-- params: app_id smallint, catch_all bytea, fingerprints bytea[]
-- columns: fingerprint bytea, timestamp timestamptz, crash_type text, error_message text, stack_trace text
select distinct on (also[1]) also[1] as fingerprint, timestamp, crash_type, error_message, stack_trace
from crashes
where app_id = %(app_id)s::smallint and fingerprint = %(catch_all)s::bytea
  and also[1] = any (%(fingerprints)s::bytea[])
order by also[1], stack_trace is null, timestamp
