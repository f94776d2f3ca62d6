-- Some of the handled errors of a span of time in an app's catch-all group that would have had one of these
-- fingerprints, the oldest first.
-- params: app_id smallint, catch_all bytea, fingerprints bytea[], since timestamptz, until timestamptz,
--   most integer
-- columns: kind text, user_id uuid, timestamp timestamptz, dedupe_key bigint, fingerprint bytea
select 'event' as kind, user_id, timestamp, dedupe_key, decode(properties -> 'also' ->> 0, 'hex') as fingerprint
from events
where app_id = %(app_id)s::smallint and timestamp >= %(since)s::timestamptz and timestamp < %(until)s::timestamptz
  and event = 'error_handled' and properties ->> 'fingerprint' = encode(%(catch_all)s::bytea, 'hex')
  and properties -> 'also' ->> 0 = any (select encode(own, 'hex') from unnest(%(fingerprints)s::bytea[]) as own)
order by timestamp
limit %(most)s
