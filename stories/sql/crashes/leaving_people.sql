-- Some of an app's rows of group_people whose person met the group before a time for the last time, into
-- `leaving_groups`.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
insert into leaving_groups
select user_id, app_id, fingerprint from group_people
where app_id = %(app_id)s and last_at < %(cutoff)s
limit %(most)s
