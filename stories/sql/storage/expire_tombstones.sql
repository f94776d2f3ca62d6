-- Deletes tombstones that nothing can be dated before any more: intake refuses what is so old.
-- params: oldest timestamptz
-- columns: none
delete from tombstones where erased_at < %(oldest)s
