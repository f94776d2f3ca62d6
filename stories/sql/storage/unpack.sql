-- Makes rows again of the events of some chunks of a month, and deletes the chunks.
-- params: chunk_ids bigint[], month timestamptz
-- columns: none
with gone as (
    delete from event_chunks
    where chunk_id = any (%(chunk_ids)s::bigint[]) and first_at >= %(month)s::timestamptz
      and first_at < month_of(%(month)s::timestamptz + interval '32 days')
    returning *
)
insert into events (timestamp, dedupe_key, received_at, user_id, app_id, event, app_version, platform, country,
                    session_id, properties, channel)
select item.timestamp, item.dedupe_key, item.received_at, item.user_id, app_id, item.event, item.app_version,
       item.platform, item.country, coalesce(item.session_uuid::text, item.session_id), item.properties, item.channel
from gone cross join lateral unnest(
    timestamps, dedupe_keys, received_ats, user_ids, event_names, app_versions, platforms, countries,
    session_uuids, session_ids, gone.properties, channels
) as item (timestamp, dedupe_key, received_at, user_id, event, app_version, platform, country,
           session_uuid, session_id, properties, channel)
order by item.user_id, item.timestamp, item.dedupe_key
