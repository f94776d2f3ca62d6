-- Some of an app's people whose last sign is before a time, for `leaving`.
-- params: app_id smallint, cutoff timestamptz, most integer
-- columns: none
insert into leaving (app_id, user_id)
select app_id, user_id from users
where app_id = %(app_id)s and greatest(last_seen, last_crash) < %(cutoff)s
  and active_day <= (%(cutoff)s::timestamptz at time zone 'utc')::date
limit %(most)s
