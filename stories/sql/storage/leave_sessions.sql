-- Deletes the sessions that some chunks tell by themselves, to the last column, and leaves a mark of each that has an
-- id. A session stays that has an event elsewhere, or whose columns the chunk does not tell: conversions and what only
-- websites send. In a recount it takes those away that had left before.
-- params: chunk_ids bigint[], since timestamptz, until timestamptz (first_at of the first and the last of them)
-- columns: gone bigint
with packed as materialized (
    select chunk.app_id, packed.*
    from event_chunks as chunk join apps using (app_id) cross join lateral sessions_in(
        chunk.user_ids, chunk.timestamps, chunk.session_uuids, chunk.session_ids, chunk.channels) as packed
    where chunk.chunk_id = any (%(chunk_ids)s::bigint[]) and apps.kind <> 'website'
      and chunk.first_at between %(since)s::timestamptz and %(until)s::timestamptz
), gone as (
    delete from sessions using packed
    where (uuid_hash(sessions.user_id), session_hash(sessions.session_key))
        = (uuid_hash(packed.user_id), session_hash(packed.session_key))
      and (sessions.user_id, sessions.app_id, sessions.session_key, sessions.started_at, sessions.ended_at,
           sessions.events)
        = (packed.user_id, packed.app_id, packed.session_key, packed.started_at, packed.ended_at, packed.events)
      and pages = 0 and conversions = 0 and source is null and device is null and browser is null
    returning session_place(sessions.user_id, sessions.session_key) as place, sessions.session_key,
              (sessions.started_at at time zone 'utc')::date as day
), marked as (
    insert into session_marks (bucket, marks)
    select session_bucket(place), array_agg(session_mark(place, day))
    from gone
    where session_key <> ''
    group by 1
    on conflict (bucket) do update set marks = session_marks.marks || excluded.marks
)
select count(*) as gone from gone
