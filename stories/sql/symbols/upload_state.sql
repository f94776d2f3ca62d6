-- What has become of an upload so far.
-- params: upload_id bigint
-- columns: upload_id bigint, state text, detail text, stored jsonb, queued integer
select upload_id, state, detail, stored, queued from uploads where upload_id = %(upload_id)s::bigint
