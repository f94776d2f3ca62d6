-- A piece of a file that was sent.
-- params: uploader text, sha1 bytea
-- columns: data bytea
select data from upload_chunks where uploader = %(uploader)s::text and sha1 = %(sha1)s::bytea
