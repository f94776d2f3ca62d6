-- Deletes some of an app's sessions that ended before a time. They have begun before it, too, of which there is an
-- index, and few that have are not over.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
delete from sessions
where app_id = %(app_id)s and started_at < %(cutoff)s and ended_at < %(cutoff)s
  and started_at <= coalesce((
    select started_at from sessions
    where app_id = %(app_id)s and started_at < %(cutoff)s and ended_at < %(cutoff)s
    order by started_at offset %(most)s limit 1
), %(cutoff)s)
