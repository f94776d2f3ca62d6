-- How many events differ between `packing` and the chunks that were made of it, and how many chunks have their
-- people in the wrong order: none, or nothing is kept.
-- params: chunk_ids bigint[]
-- columns: differences bigint
with packed as materialized (
    select timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country, session_id,
           properties, channel
    from unpacked_events
    where chunk_id = any (%(chunk_ids)s::bigint[]) and first_at >= (select month_of(min(timestamp)) from packing)
)
select (
    select count(*)
    from packing full join packed using (user_id, timestamp, dedupe_key)
    where (packing.app_id, packing.event, packing.received_at, packing.app_version, packing.platform, packing.country,
           packing.session_id, packing.properties, packing.channel)
        is distinct from
          (packed.app_id, packed.event, packed.received_at, packed.app_version, packed.platform, packed.country,
           packed.session_id, packed.properties, packed.channel)
) + (
    select count(*)
    from event_chunks
    where chunk_id = any (%(chunk_ids)s::bigint[]) and first_at >= (select month_of(min(timestamp)) from packing)
      and user_ids <> (select array_agg(person order by person) from unnest(user_ids) as person)
) as differences
