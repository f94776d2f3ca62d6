-- Deletes what the audit log no longer keeps.
-- params: before timestamptz
-- columns: none
delete from audit_log where at < %(before)s::timestamptz
