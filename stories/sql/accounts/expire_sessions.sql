-- Deletes sessions that have ended.
-- params: now timestamptz
-- columns: none
delete from account_sessions where expires_at <= %(now)s::timestamptz
