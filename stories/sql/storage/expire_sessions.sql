-- Deletes some of an app's sessions that ended before a time.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from sessions
where app_id = %(app_id)s and ended_at < %(cutoff)s
  and (user_id, app_id, session_id, started_at) in (
    select user_id, app_id, session_id, started_at from sessions where app_id = %(app_id)s and ended_at < %(cutoff)s limit %(most)s
)
