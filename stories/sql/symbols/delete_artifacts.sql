-- Deletes artifacts with all that belongs to them.
-- params: ids bigint[]
-- columns: none
with pieces as (delete from artifact_pieces where artifact_id = any(%(ids)s::bigint[])),
     releases as (delete from artifact_releases where artifact_id = any(%(ids)s::bigint[])),
     keys as (delete from artifact_keys where artifact_id = any(%(ids)s::bigint[]))
delete from artifacts where artifact_id = any(%(ids)s::bigint[])
