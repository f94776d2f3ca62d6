-- Says what became of an upload. Its chunks, which are gone, need no list any more.
-- params: upload_id bigint, state text, detail text, stored jsonb, queued integer
-- columns: none
update uploads set state = %(state)s::text, detail = %(detail)s::text, stored = %(stored)s::jsonb,
    queued = %(queued)s::integer, ended_at = now(),
    parts = (select jsonb_agg(part || '{"chunks": []}') from jsonb_array_elements(parts) as part)
where upload_id = %(upload_id)s::bigint and state = 'waiting'
