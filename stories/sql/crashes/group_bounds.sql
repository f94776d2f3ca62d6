-- A group's first and its last crash that are held; of crashes at the same moment by version. What is no
-- version is stored as 'other'.
-- params: app_id smallint, fingerprint bytea
-- columns: first_seen timestamptz, first_version text, last_seen timestamptz, last_version text
with first_one as (
    select timestamp, nullif(nullif(app_version, ''), 'other') as version from crashes
    where app_id = %(app_id)s::smallint and fingerprint = %(fingerprint)s::bytea
    order by timestamp, nullif(nullif(app_version, ''), 'other') collate "C" nulls first
    limit 1
), last_one as (
    select timestamp, nullif(nullif(app_version, ''), 'other') as version from crashes
    where app_id = %(app_id)s::smallint and fingerprint = %(fingerprint)s::bytea
    order by timestamp desc, nullif(nullif(app_version, ''), 'other') collate "C" desc nulls last
    limit 1
)
select first_one.timestamp as first_seen, first_one.version as first_version,
       last_one.timestamp as last_seen, last_one.version as last_version
from first_one, last_one
