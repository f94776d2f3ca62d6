-- Some of the crashes in an app's catch-all group that would have had one of these fingerprints.
-- params: app_id smallint, catch_all bytea, fingerprints bytea[], most integer
-- columns: kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, fingerprint bytea
select 'crash' as kind, user_id, timestamp, dedupe_key, also[1] as fingerprint
from crashes
where app_id = %(app_id)s::smallint and fingerprint = %(catch_all)s::bytea
  and also[1] = any (%(fingerprints)s::bytea[])
limit %(most)s
