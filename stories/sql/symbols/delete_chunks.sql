-- Deletes the chunks of uploads that are over, but those that another upload waits for.
-- params: uploader text, sha1s bytea[]
-- columns: none
delete from upload_chunks
where uploader = %(uploader)s::text and sha1 = any(%(sha1s)s::bytea[])
  and encode(sha1, 'hex') not in (
      select jsonb_array_elements_text(part -> 'chunks')
      from uploads, jsonb_array_elements(parts) as part
      where state = 'waiting' and uploader = %(uploader)s::text
  )
