-- Forgets names that were given a day ago and have no group: their crashes were refused, or are gone.
-- params: app_id smallint, before timestamptz
-- columns: none
delete from group_names as names
where app_id = %(app_id)s and named_at < %(before)s
  and not exists (select from groups
                  where (groups.app_id, groups.fingerprint) = (names.app_id, names.fingerprint))
