-- Stores the crashes that are new, the details of those that have any, and one outbox row that names
-- them, in one statement. Bytes are base64 in the JSON.
-- Same order and same lazy answer as append_events.sql.
-- params: rows text (a JSON array of models.CrashRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were,
--   the usual case, which then pays nothing for the question: the subquery is not run)
with incoming as materialized (
    select * from json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
        crash_type text, app_version text, os_version text, session_id text, channel text,
        error_message text, stack_trace text, context jsonb,
        fingerprint text, also text[], detail jsonb)
), stored as (
    insert into crashes (app_id, user_id, timestamp, dedupe_key, crash_type, app_version,
                         os_version, session_id, channel, error_message, stack_trace, context,
                         fingerprint, also)
    select app_id, user_id, timestamp, dedupe_key, crash_type, app_version,
           os_version, session_id, channel, error_message, stack_trace, context,
           decode(fingerprint, 'base64'),
           case when also is not null then array(select decode(each, 'base64') from unnest(also) as each) end
    from incoming
    where not exists (select from tombstones)  -- the usual case: not one hash is computed
       or not exists (select from tombstones
                      where person_hash in (sha256(%(person_digest)s || uuid_send(user_id)),
                                            sha256(%(person_digest)s || uuid_send(user_id) || int2send(app_id)))
                        and timestamp <= erased_at)
    order by user_id, timestamp, dedupe_key
    on conflict do nothing
    returning user_id, timestamp, dedupe_key
), detailed as (
    insert into error_details (timestamp, dedupe_key, user_id, app_id, detail)
    select distinct on (user_id, timestamp, dedupe_key) timestamp, dedupe_key, user_id, app_id, detail
    from stored join incoming using (user_id, timestamp, dedupe_key)
    where detail is not null
    order by user_id, timestamp, dedupe_key, position
    on conflict do nothing
), queued as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
    select 'crash', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
    from stored
    having count(*) > 0
)
select case when (select count(*) from stored) < %(count)s then (
    select coalesce(array_agg(position), '{}')
    from (
        select min(incoming.position) as position
        from stored join incoming using (user_id, timestamp, dedupe_key)
        group by user_id, timestamp, dedupe_key
    ) as new
) end as stored
