-- Which of these keys an upload has.
-- params: app_id smallint, keys text[]
-- columns: key text
select distinct key from artifact_keys
where app_id = %(app_id)s::smallint and key = any(%(keys)s::text[])
