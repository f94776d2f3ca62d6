-- Deletes an app's chunks of which every event is from before a time; not those of months that are dropped whole.
-- params: app_id smallint, cutoff timestamptz, first_kept date, most integer (chunks)
-- columns: events bigint
with gone as (
    delete from event_chunks
    where app_id = %(app_id)s::smallint and last_at < %(cutoff)s::timestamptz and first_at < %(cutoff)s::timestamptz
      and first_at >= %(first_kept)s::timestamp at time zone 'UTC'
      and chunk_id in (
        select chunk_id from event_chunks
        where app_id = %(app_id)s::smallint and last_at < %(cutoff)s::timestamptz
          and first_at >= %(first_kept)s::timestamp at time zone 'UTC'
        limit %(most)s::integer
    )
    returning n
)
select coalesce(sum(n), 0)::bigint as events from gone
