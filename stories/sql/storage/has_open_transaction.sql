-- Whether somebody's transaction has been open for so many seconds.
-- params: seconds integer
-- columns: has_open boolean
select exists (
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
      and xact_start < clock_timestamp() - make_interval(secs => %(seconds)s::integer)
) as has_open
