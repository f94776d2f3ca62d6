-- The chunks whose sessions have left, in order of time, so many at a time.
-- params: most integer
-- columns: chunk_ids bigint[], since timestamptz (first_at of the first), until timestamptz (of the last)
select array_agg(chunk_id) as chunk_ids, min(first_at) as since, max(first_at) as until
from (
    select chunk_id, first_at, (row_number() over (order by first_at, chunk_id) - 1) / %(most)s::integer as batch
    from event_chunks where sessions_left
) as chunks
group by batch
order by batch
