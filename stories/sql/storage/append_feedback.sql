-- Stores the feedback that is new: an event as append_events.sql does, then what it says and what it is
-- about.
-- params: rows text (a JSON array of payloads.feedback.FeedbackRow), count integer (its length),
--   person_digest bytea (person_keys.PersonKey.digest)
-- columns: stored integer[] (positions of the rows that were new; null when all of them were)
with appended as materialized (
    select append_events(%(rows)s::json, %(count)s, %(person_digest)s) as stored
), told as (
    insert into contents (app_id, user_id, timestamp, dedupe_key, message, about)
    select app_id, user_id, item.timestamp, dedupe_key, message, about
    from appended, json_to_recordset(%(rows)s::json) as item (
        position integer, app_id smallint, user_id uuid, timestamp timestamptz, dedupe_key bigint,
        message text, about bigint[])
    where stored is null or position = any(stored)
    order by user_id, item.timestamp, dedupe_key
    on conflict do nothing
)
select stored from appended
