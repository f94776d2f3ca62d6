-- Adds the keys by which crashes find an artifact.
-- params: app_id smallint, artifact_id bigint, keys text[]
-- columns: none
insert into artifact_keys (app_id, key, artifact_id)
select %(app_id)s::smallint, key, %(artifact_id)s::bigint from unnest(%(keys)s::text[]) as key
on conflict do nothing
