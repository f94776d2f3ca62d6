-- The upload that has waited longest; that it is begun counts, so that one that kills its process is given up.
-- params: most integer (attempts)
-- columns: upload_id bigint, app_id smallint, uploader text, kind text, sha1 bytea, parts jsonb,
--   release text, dist text, url text
update uploads set attempts = attempts + 1
where upload_id = (
    select upload_id from uploads where state = 'waiting' and attempts < %(most)s::integer
    order by attempts, upload_id limit 1
)
returning upload_id, app_id, uploader, kind, sha1, parts, release, dist, url
