-- Deletes some of an app's sessions of SDKs that started before a time; their days stay.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from sdk_sessions
where app_id = %(app_id)s and started < %(cutoff)s
  and sid in (
    select sid from sdk_sessions where app_id = %(app_id)s and started < %(cutoff)s limit %(most)s
  )
