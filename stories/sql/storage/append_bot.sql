-- Stores a bot's events that are new, their content, their images for the queue, the external ids of
-- their people, and one outbox row that names them. Order and lazy answer as append_events.sql.
-- params: rows text (a JSON array of payloads.bot.BotRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
with incoming as materialized (
    select * from json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
        event text, properties jsonb, claim bigint, external_id text, message text, prompt text,
        negative_prompt text, source_url text, data text)
), claimed as (  -- whoever is second waits for the first's commit, and gets nothing
    insert into claims (claim, timestamp)
    select claim, min(timestamp) from incoming where claim is not null group by claim order by claim
    on conflict do nothing
    returning claim, timestamp
), stored as (
    insert into events (app_id, user_id, timestamp, dedupe_key, event, properties)
    select app_id, user_id, timestamp, dedupe_key, event, properties
    from incoming
    where (not exists (select from tombstones)
           or not exists (select from tombstones
                          where person_hash in (sha256(%(person_digest)s || uuid_send(user_id)),
                                                sha256(%(person_digest)s || uuid_send(user_id) || int2send(app_id)))
                            and timestamp <= erased_at))
      and (claim is null or (claim, timestamp) in (select claim, timestamp from claimed))
    order by user_id, timestamp, dedupe_key
    on conflict do nothing
    returning user_id, timestamp, dedupe_key
), new as (
    select distinct on (user_id, timestamp, dedupe_key) incoming.*
    from stored join incoming using (user_id, timestamp, dedupe_key)
    order by user_id, timestamp, dedupe_key, position
), content as (
    insert into contents (app_id, user_id, timestamp, dedupe_key, message, prompt, negative_prompt)
    select app_id, user_id, timestamp, dedupe_key, message, prompt, negative_prompt
    from new
    where message is not null or prompt is not null or negative_prompt is not null
    on conflict do nothing
), queued_images as (
    insert into images (app_id, user_id, timestamp, dedupe_key, source_url, data)
    select app_id, user_id, timestamp, dedupe_key, source_url, decode(data, 'base64')
    from new
    where source_url is not null or data is not null
    on conflict do nothing
), known_people as (
    insert into external_ids (app_id, user_id, external_id)
    select distinct app_id, user_id, external_id from new order by user_id, app_id
    on conflict do nothing
), queued as (
    insert into outbox (kind, n, user_ids, timestamps, dedupe_keys)
    select 'event', count(*), array_agg(user_id), array_agg(timestamp), array_agg(dedupe_key)
    from stored
    having count(*) > 0
)
select case when (select count(*) from stored) < %(count)s then (
    select coalesce(array_agg(position), '{}') from new
) end as stored
