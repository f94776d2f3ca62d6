-- Uploads whose process died each time.
-- params: most integer (attempts)
-- columns: upload_id bigint, uploader text, parts jsonb
select upload_id, uploader, parts from uploads where state = 'waiting' and attempts >= %(most)s::integer
