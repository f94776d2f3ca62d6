-- Adds an artifact, or finds the one with the same content: then it counts as uploaded now.
-- params: app_id smallint, kind text, sha1 bytea, debug_id text, url text, name text, map_url text,
--   bytes bigint
-- columns: artifact_id bigint, is_new boolean
insert into artifacts (app_id, kind, sha1, debug_id, url, name, map_url, bytes, kept_bytes)
values (%(app_id)s::smallint, %(kind)s::text, %(sha1)s::bytea, %(debug_id)s::text, %(url)s::text,
        %(name)s::text, %(map_url)s::text, %(bytes)s::bigint, -1)
on conflict (app_id, kind, sha1, debug_id, url) do update set
    uploaded_at = now(), name = excluded.name, map_url = excluded.map_url, trouble = ''
returning artifact_id, kept_bytes < 0 as is_new
