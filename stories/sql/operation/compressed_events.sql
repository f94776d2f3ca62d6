-- How many events are in chunks.
-- params: none
-- columns: events bigint
select coalesce(sum(n), 0)::bigint as events from event_chunks
