-- What an app has uploaded, as far as a page of crashes is concerned: which of the keys that their frames
-- want, whether anything at all, and which of them wait to be mapped.
-- params: app_id smallint, keys text[], user_ids uuid[], timestamps timestamptz[], dedupe_keys bigint[]
-- columns: keys text[], has_any boolean, waiting bigint[] (dedupe keys)
select array(
           select distinct key
           from artifact_keys
           where app_id = %(app_id)s::smallint and key = any(%(keys)s::text[])
       ) as keys,
       exists (select from artifacts where app_id = %(app_id)s::smallint) as has_any,
       array(
           select unnest(dedupe_keys)
           from outbox
           where held_until > now() and dedupe_keys && %(dedupe_keys)s::bigint[]
           union
           select dedupe_key
           from remap_queue
           where (user_id, timestamp, dedupe_key) in (
               select *
               from unnest(%(user_ids)s::uuid[], %(timestamps)s::timestamptz[], %(dedupe_keys)s::bigint[]))
       ) as waiting
