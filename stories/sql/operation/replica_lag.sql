-- How far a standby is behind: 0 where it has replayed the primary's log up to `position`, else the age
-- of the newest commit that it has replayed. Null from a server that is no standby.
-- params: position pg_lsn
-- columns: seconds double precision
select case
    when not pg_is_in_recovery() then null
    when pg_last_wal_replay_lsn() >= %(position)s::pg_lsn then 0
    else greatest(0, extract(epoch from clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(),
                                                                    pg_postmaster_start_time())))
end::float8 as seconds
