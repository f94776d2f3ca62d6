-- What was uploaded for a release: source maps and symbols that name it, or that its crashes want by these
-- keys; and how many of the keys in raw nothing has.
-- params: app_id smallint, version text, keys text[], raw text[]
-- columns: artifacts bigint, missing bigint
with keyed as materialized (
    select key, artifact_id
    from artifact_keys
    where app_id = %(app_id)s::smallint and key = any(%(keys)s::text[])
)
select (
    select count(*)
    from artifacts
    where kind in ('source_map', 'symcache')
      and artifact_id in (
          select artifact_id from keyed
          union all
          select artifact_id from artifact_releases
          where app_id = %(app_id)s::smallint and release = %(version)s::text)
) as artifacts, (
    select count(*)
    from unnest(%(raw)s::text[]) as wanted (key)
    where key not in (select key from keyed)
) as missing
