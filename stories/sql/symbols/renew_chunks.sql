-- Which of these chunks an uploader has sent; they stay for another day.
-- params: uploader text, sha1s bytea[]
-- columns: sha1 text (in hex), bytes integer
update upload_chunks set at = now()
where uploader = %(uploader)s::text and sha1 = any(%(sha1s)s::bytea[])
returning encode(sha1, 'hex') as sha1, octet_length(data) as bytes
