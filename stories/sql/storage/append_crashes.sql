-- Stores the crashes that are new, the details of those that have any, and one outbox row that names
-- them, in one statement. Bytes are base64 in the JSON. Of those that an upload would name, or whose minidump is
-- to be walked, each has an outbox row of its own, which the fold leaves alone for a minute. follows: a thin one goes to
-- the heir of its group, or waits as those do that may bring one.
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
        fingerprint text, also text[], detail jsonb, wants text[], follows boolean, waits boolean)
), grouped as materialized (
    select incoming.*, decode(fingerprint, 'base64') as own,
           case when follows then (
               select heir from group_names as names
               where (names.app_id, names.fingerprint) = (incoming.app_id, decode(incoming.fingerprint, 'base64'))
           ) end as heir,
           waits or (wants is not null and exists (
               select from artifact_keys as keys where keys.app_id = incoming.app_id and key = any(wants)
           )) or (follows and exists (
               select from outbox
               where held_until is not null and not outbox.follows
                 and (held_app, held_group) = (incoming.app_id, decode(incoming.fingerprint, 'base64'))
           )) as is_held
    from incoming
), held as materialized (
    select distinct on (user_id, timestamp, dedupe_key) user_id, timestamp, dedupe_key, app_id, own, follows
    from grouped
    where is_held and heir is null
    order by user_id, timestamp, dedupe_key, position
), stored as (
    insert into crashes (app_id, user_id, timestamp, dedupe_key, crash_type, app_version,
                         os_version, session_id, channel, error_message, stack_trace, context,
                         fingerprint, also)
    select app_id, user_id, timestamp, dedupe_key, crash_type, app_version,
           os_version, session_id, channel, error_message, stack_trace, context,
           coalesce(heir, own),
           case when also is not null or heir is not null then
               case when heir is not null then array[own] else '{}' end
               || array(select decode(each, 'base64') from unnest(also) as each) end
    from grouped
    where not exists (select from tombstones)  -- the usual case: not one hash is computed
       or not exists (select from tombstones
                      where person_hash in (sha256(%(person_digest)s || uuid_send(user_id)),
                                            sha256(%(person_digest)s || uuid_send(user_id) || int2send(app_id)))
                        and timestamp <= erased_at)
    order by user_id, timestamp, dedupe_key
    on conflict do nothing
    returning user_id, timestamp, dedupe_key
), detailed as (
    insert into error_details (timestamp, dedupe_key, user_id, app_id, detail, wants)
    select distinct on (user_id, timestamp, dedupe_key) timestamp, dedupe_key, user_id, app_id, detail, wants
    from stored join incoming using (user_id, timestamp, dedupe_key)
    where detail is not null
    order by user_id, timestamp, dedupe_key, position
    on conflict do nothing
), queued as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
    select 'crash', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
    from stored
    where (user_id, timestamp, dedupe_key) not in (select user_id, timestamp, dedupe_key from held)
    having count(*) > 0
), waiting as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys, held_until, held_app, held_group, follows)
    select 'crash', 1, array[user_id], array[timestamp], array[dedupe_key], now() + interval '60 seconds', app_id, own,
           follows
    from stored join held using (user_id, timestamp, dedupe_key)
)
select case when (select count(*) from stored) < %(count)s then (
    select coalesce(array_agg(position), '{}')
    from (
        select min(incoming.position) as position
        from stored join incoming using (user_id, timestamp, dedupe_key)
        group by user_id, timestamp, dedupe_key
    ) as new
) end as stored
