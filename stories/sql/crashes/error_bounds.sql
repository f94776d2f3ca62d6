-- A group's first and its last handled error of a span of time, as group_bounds.sql has those of its crashes;
-- no row if there is none.
-- params: app_id smallint, fingerprint bytea, since timestamptz, until timestamptz
-- columns: first_seen timestamptz, first_version text, last_seen timestamptz, last_version text
select min(timestamp) as first_seen,
       (array_agg(app_version order by timestamp, app_version collate "C" nulls first))[1] as first_version,
       max(timestamp) as last_seen,
       (array_agg(app_version order by timestamp desc, app_version collate "C" desc nulls last))[1] as last_version
from events
where app_id = %(app_id)s::smallint and timestamp >= %(since)s::timestamptz and timestamp < %(until)s::timestamptz
  and event = 'error_handled' and properties ->> 'fingerprint' = encode(%(fingerprint)s::bytea, 'hex')
having count(*) > 0
