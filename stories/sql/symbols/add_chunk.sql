-- Keeps a piece of a file that is being sent, or its age where it is there. No row: the uploader, or all
-- of them, have too many bytes that wait.
-- params: uploader text, sha1 bytea, data bytea (a megabyte: it stands here once), own_limit bigint,
--   all_limit bigint
-- columns: bytes integer
with sent as materialized (select %(data)s::bytea as data)
insert into upload_chunks (uploader, sha1, data)
select %(uploader)s::text, %(sha1)s::bytea, data from sent
where octet_length(data)
      + (select coalesce(sum(octet_length(held.data)), 0) from upload_chunks as held
         where uploader = %(uploader)s::text) <= %(own_limit)s::bigint
  and octet_length(data)
      + (select coalesce(sum(octet_length(held.data)), 0) from upload_chunks as held) <= %(all_limit)s::bigint
on conflict (uploader, sha1) do update set at = now()
returning octet_length(data) as bytes
