-- Makes chunks of what is in `packing`. Its rows come sorted, and the caller forbids to group by hashing, which
-- could change their order.
-- params: none
-- columns: chunk_id bigint
insert into event_chunks (
    first_at, last_at, n, app_id, first_user, last_user, user_ids, timestamps, dedupe_keys, received_ats,
    event_names, app_versions, platforms, countries, session_uuids, session_ids, channels, properties,
    sessions_left)
select first_at, last_at, n, app_id, user_ids[1], user_ids[n], user_ids, timestamps, dedupe_keys, received_ats,
       event_names, app_versions, platforms, countries, session_uuids,
       case when session_uuids is null then session_ids end, channels, properties, sessions_left
from (
    select min(timestamp) as first_at, max(timestamp) as last_at, count(*)::integer as n, app_id,
           array_agg(user_id) as user_ids,
           array_agg(timestamp) as timestamps,
           array_agg(dedupe_key) as dedupe_keys,
           array_agg(received_at) as received_ats,
           array_agg(event) as event_names,
           case when count(app_version) > 0 then array_agg(app_version) end as app_versions,
           case when count(platform) > 0 then array_agg(platform) end as platforms,
           case when count(country) > 0 then array_agg(country) end as countries,
           case when count(session_id) > 0 then array_agg(session_id) end as session_ids,
           case when count(channel) > 0 then array_agg(channel) end as channels,
           case when count(properties) > 0 then array_agg(properties) end as properties,
           coalesce(bool_and(sessions_left), false) as sessions_left
    from (select * from packing order by chunk, piece, app_id, user_id, timestamp, dedupe_key) as sorted
    group by chunk, piece, app_id
) as grouped cross join lateral as_uuids(session_ids) as session_uuids
returning chunk_id
