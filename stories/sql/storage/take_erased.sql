-- Takes the chunks that hold an event which `erased_keys` names, and puts what remains of them into `packing`.
-- Returns how many events are gone.
-- params: none
-- columns: erased bigint
with people as materialized (
    select user_id, min(timestamp) as first_at, max(timestamp) as last_at
    from erased_keys where kind = 'event' group by user_id
), touched as materialized (
    select distinct chunk_id
    from people cross join apps join event_chunks as chunk
        on chunk.app_id = apps.app_id and chunk.first_user <= people.user_id and chunk.last_user >= people.user_id
       and chunk.last_at >= people.first_at and chunk.first_at <= people.last_at
       and people.user_id = any (chunk.user_ids)
), gone as (
    delete from event_chunks using touched where event_chunks.chunk_id = touched.chunk_id
    returning event_chunks.*
), held as materialized (
    select gone.chunk_id, gone.app_id, gone.sessions_left, item.*, keys.user_id is not null as is_erased
    from gone cross join lateral unnest(
        timestamps, dedupe_keys, received_ats, user_ids, event_names, app_versions, platforms, countries,
        session_uuids, session_ids, gone.properties, channels
    ) as item (timestamp, dedupe_key, received_at, user_id, event, app_version, platform, country,
               session_uuid, session_id, properties, channel)
    left join erased_keys as keys
        on keys.kind = 'event'
       and (keys.user_id, keys.timestamp, keys.dedupe_key) = (item.user_id, item.timestamp, item.dedupe_key)
), kept as (
    insert into packing
    select chunk_id, 0, timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country,
           coalesce(session_uuid::text, session_id), properties, channel, sessions_left
    from held where not is_erased
)
select count(*) as erased from held where is_erased
