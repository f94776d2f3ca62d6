-- Where the primary's log ends: commits are answered when they are flushed, and only what is flushed is
-- sent to a standby.
-- params: none
-- columns: position text
select pg_current_wal_flush_lsn()::text as position
