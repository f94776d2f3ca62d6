-- Lets a whole upload wait to be taken in. No row: too many of this app, or of all, wait already.
-- params: app_id smallint, uploader text, kind text, sha1 bytea, parts jsonb, release text, dist text,
--   url text, limit integer, all_limit integer
-- columns: upload_id bigint
insert into uploads (app_id, uploader, kind, sha1, parts, release, dist, url)
select %(app_id)s::smallint, %(uploader)s::text, %(kind)s::text, %(sha1)s::bytea, %(parts)s::jsonb,
       %(release)s::text, %(dist)s::text, %(url)s::text
where (select count(*) from uploads where state = 'waiting' and app_id = %(app_id)s::smallint)
      < %(limit)s::integer
  and (select count(*) from uploads where state = 'waiting') < %(all_limit)s::integer
returning upload_id
