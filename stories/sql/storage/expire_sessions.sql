-- Deletes some of an app's sessions that ended before a time.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from sessions
where ctid in (
    select ctid from sessions where app_id = %(app_id)s and ended_at < %(cutoff)s limit %(most)s
)
