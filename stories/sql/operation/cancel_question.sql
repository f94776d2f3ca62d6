-- Ends the running statement of a question; its sessions are named after it, and only ours are ended.
-- params: name text
-- columns: cancelled boolean
select pg_cancel_backend(pid) as cancelled
from pg_stat_activity
where application_name = %(name)s and usename = current_user and datname = current_database()
  and pid <> pg_backend_pid()
