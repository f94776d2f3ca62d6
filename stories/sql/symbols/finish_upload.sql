-- Says what became of an upload.
-- params: upload_id bigint, state text, detail text, stored jsonb, queued integer
-- columns: none
update uploads set state = %(state)s::text, detail = %(detail)s::text, stored = %(stored)s::jsonb,
    queued = %(queued)s::integer, ended_at = now()
where upload_id = %(upload_id)s::bigint and state = 'waiting'
