-- Keeps a piece of a file that is being sent, or its age where it is there. No row: the uploader, or all
-- of them, have too many bytes that wait.
-- params: uploader text, sha1 bytea, data bytea, own_limit bigint, all_limit bigint
-- columns: bytes integer
insert into upload_chunks (uploader, sha1, data)
select %(uploader)s::text, %(sha1)s::bytea, %(data)s::bytea
where octet_length(%(data)s::bytea)
      + (select coalesce(sum(octet_length(data)), 0) from upload_chunks
         where uploader = %(uploader)s::text) <= %(own_limit)s::bigint
  and octet_length(%(data)s::bytea)
      + (select coalesce(sum(octet_length(data)), 0) from upload_chunks) <= %(all_limit)s::bigint
on conflict (uploader, sha1) do update set at = now()
returning octet_length(data) as bytes
