-- As append_bot.sql, where some of the rows may be in chunks already: first the events, then what belongs to those
-- that were stored.
-- params: rows text (a JSON array of payloads.bot.BotRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
with appended as materialized (
    select append_late_events(%(rows)s::json, %(count)s, %(person_digest)s) as stored
), new as (
    select item.*
    from appended, json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
        external_id text, message text, prompt text, negative_prompt text, source_url text, data text)
    where stored is null or position = any(stored)
), content as (
    insert into contents (app_id, user_id, timestamp, dedupe_key, message, prompt, negative_prompt)
    select app_id, user_id, new.timestamp, dedupe_key, message, prompt, negative_prompt
    from new
    where message is not null or prompt is not null or negative_prompt is not null
    on conflict do nothing
), queued_images as (
    insert into images (app_id, user_id, timestamp, dedupe_key, source_url, data)
    select app_id, user_id, new.timestamp, dedupe_key, source_url, decode(data, 'base64')
    from new
    where source_url is not null or data is not null
    on conflict do nothing
), known_people as (
    insert into external_ids (app_id, user_id, external_id)
    select distinct app_id, user_id, external_id from new order by user_id, app_id
    on conflict do nothing
)
select stored from appended
