-- A new ingest key.
-- params: slug text
-- columns: none
update apps set ingest_key = replace(gen_random_uuid()::text, '-', '') where slug = %(slug)s
