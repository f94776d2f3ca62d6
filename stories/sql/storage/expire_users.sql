-- Deletes people whose last sign is before the cutoff.
-- params: app_id smallint, cutoff timestamptz
-- columns: none
delete from users
where app_id = %(app_id)s and greatest(last_seen, last_crash) < %(cutoff)s
