-- Crashes were named by these artifacts.
-- params: ids bigint[]
-- columns: none
update artifacts set used_at = now(), uses = uses + 1, trouble = '' where artifact_id = any(%(ids)s::bigint[])
