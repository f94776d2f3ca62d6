-- Deletes sessions that ended before the cutoff.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
delete from sessions
where app_id = %(app_id)s and ended_at < %(cutoff)s
