-- Some chunks of one month whose sessions have not left yet, the oldest first. Those of a website stay.
-- params: most integer
-- columns: chunk_ids bigint[], since timestamptz (first_at of the first), until timestamptz (of the last)
select array_agg(chunk_id) as chunk_ids, min(first_at) as since, max(first_at) as until
from (
    select chunk_id, first_at from event_chunks join apps using (app_id)
    where not sessions_left and kind <> 'website'
    order by first_at
    limit %(most)s::integer
) as oldest
having count(*) > 0
