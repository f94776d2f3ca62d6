-- Stores the events of handled errors that are new, with their details: as append_events.sql and, for those that
-- an upload would name, append_crashes.sql. A thin one keeps what names its own group, if it goes to the heir of that.
-- params: rows text (a JSON array of payloads.crash.HandledRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
with incoming as materialized (
    select item.*, decode(properties ->> 'fingerprint', 'hex') as own
    from json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
        event text, app_version text, platform text, country text, session_id text, channel text, properties jsonb,
        detail jsonb, wants text[], follows boolean)
), grouped as materialized (
    select incoming.*,
           case when follows then (
               select heir from group_names as names
               where (names.app_id, names.fingerprint) = (incoming.app_id, incoming.own)
           ) end as heir,
           (wants is not null and exists (
               select from artifact_keys as keys where keys.app_id = incoming.app_id and key = any(wants)
           )) or (follows and exists (
               select from outbox
               where held_until is not null and not outbox.follows
                 and (held_app, held_group) = (incoming.app_id, incoming.own)
           )) as is_held
    from incoming
), held as materialized (
    select distinct on (user_id, timestamp, dedupe_key) user_id, timestamp, dedupe_key, app_id, own, follows
    from grouped
    where is_held and heir is null
    order by user_id, timestamp, dedupe_key, position
), stored as (
    insert into events (app_id, user_id, timestamp, dedupe_key, event, app_version, platform, country, session_id,
                        channel, properties)
    select app_id, user_id, timestamp, dedupe_key, event, app_version, platform, country, session_id, channel,
           case when heir is null then properties else properties || jsonb_build_object(
               'fingerprint', encode(heir, 'hex'),
               'also', jsonb_build_array(encode(own, 'hex')) || coalesce(properties -> 'also', '[]')) end
    from grouped
    where not exists (select from tombstones)
       or not exists (select from tombstones
                      where person_hash in (sha256(%(person_digest)s || uuid_send(user_id)),
                                            sha256(%(person_digest)s || uuid_send(user_id) || int2send(app_id)))
                        and timestamp <= erased_at)
    order by user_id, timestamp, dedupe_key
    on conflict do nothing
    returning user_id, timestamp, dedupe_key
), detailed as (
    insert into error_details (timestamp, dedupe_key, user_id, app_id, detail, fingerprint, wants)
    select distinct on (user_id, timestamp, dedupe_key) timestamp, dedupe_key, user_id, app_id, detail, own, wants
    from stored join incoming using (user_id, timestamp, dedupe_key)
    where detail is not null
    order by user_id, timestamp, dedupe_key, position
    on conflict do nothing
), queued as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
    select 'event', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
    from stored
    where (user_id, timestamp, dedupe_key) not in (select user_id, timestamp, dedupe_key from held)
    having count(*) > 0
), waiting as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys, held_until, held_app, held_group, follows)
    select 'event', 1, array[user_id], array[timestamp], array[dedupe_key], now() + interval '60 seconds', app_id, own,
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
