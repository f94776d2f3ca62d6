-- One crash or handled error of each of these fingerprints in an app's catch-all group, to name it by: one
-- kept whole if there is any. Of handled errors that are not, intake noted the title and the type.
-- params: app_id smallint, catch_all bytea, fingerprints bytea[], sinces timestamptz[], untils timestamptz[]
-- columns: fingerprint bytea, handled boolean, timestamp timestamptz, crash_type text, error_message text,
--   stack_trace text
select distinct on (fingerprint) fingerprint, handled, timestamp, crash_type, error_message, stack_trace
from (
    select also[1] as fingerprint, false as handled, timestamp, crash_type, error_message, stack_trace
    from crashes
    where app_id = %(app_id)s::smallint and fingerprint = %(catch_all)s::bytea
      and also[1] = any (%(fingerprints)s::bytea[])
    union all
    select decode(properties -> 'also' ->> 0, 'hex'), true, events.timestamp,
           coalesce(properties ->> 'crash_type', event),
           coalesce(detail ->> 'error_message', properties ->> 'title', properties ->> 'type', ''),
           detail ->> 'stack_trace'
    from unnest(%(sinces)s::timestamptz[], %(untils)s::timestamptz[]) as span (since, until)
    join events on events.timestamp >= since and events.timestamp < until
    left join error_details using (user_id, timestamp, dedupe_key)
    where events.app_id = %(app_id)s::smallint and event = 'error_handled'
      and properties ->> 'fingerprint' = encode(%(catch_all)s::bytea, 'hex')
      and properties -> 'also' ->> 0 = any (
          select encode(own, 'hex') from unnest(%(fingerprints)s::bytea[]) as own)
) as both_kinds
order by fingerprint, stack_trace is null, timestamp
