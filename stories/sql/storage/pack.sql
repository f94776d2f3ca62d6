-- Makes chunks of what is in `packing`. Its rows come sorted, and the caller forbids to group by hashing, which
-- could change their order.
-- params: none
-- columns: chunk_id bigint
insert into event_chunks (
    first_at, last_at, n, app_id, first_user, last_user, user_ids, timestamps, dedupe_keys, received_ats,
    event_names, app_versions, platforms, countries, session_uuids, session_ids, channels, properties)
select min(timestamp), max(timestamp), count(*), app_id,
       (array_agg(user_id))[1], (array_agg(user_id))[count(*)::integer],
       array_agg(user_id),
       array_agg(timestamp),
       array_agg(dedupe_key),
       array_agg(received_at),
       array_agg(event),
       case when count(app_version) > 0 then array_agg(app_version) end,
       case when count(platform) > 0 then array_agg(platform) end,
       case when count(country) > 0 then array_agg(country) end,
       case when count(session_id) > 0 and count(session_id) = count(session_uuid)
           then array_agg(session_uuid) end,
       case when count(session_id) > count(session_uuid)
           then array_agg(session_id) end,
       case when count(channel) > 0 then array_agg(channel) end,
       case when count(properties) > 0 then array_agg(properties) end
from (
    select *, case when session_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
                  then session_id::uuid end as session_uuid
    from packing
    order by chunk, piece, app_id, user_id, timestamp, dedupe_key
) as sorted
group by chunk, piece, app_id
returning chunk_id
