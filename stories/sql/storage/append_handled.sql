-- Stores the events of handled errors that are new, with their details: as append_events.sql, then the
-- details of what it stored.
-- params: rows text (a JSON array of payloads.crash.HandledRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
with appended as materialized (
    select append_events(%(rows)s::json, %(count)s, %(person_digest)s) as stored
), detailed as (
    insert into error_details (timestamp, dedupe_key, user_id, app_id, detail, fingerprint)
    select item.timestamp, dedupe_key, user_id, app_id, detail, decode(properties ->> 'fingerprint', 'hex')
    from appended, json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint, detail jsonb,
        properties jsonb)
    where detail is not null and (stored is null or position = any(stored))
    order by user_id, item.timestamp, dedupe_key
    on conflict do nothing
)
select stored from appended
