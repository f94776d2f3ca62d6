-- Deletes person-days before the first kept day, of a range of people. Of people who stay, the last such day
-- of each kind of activity, and of each version, platform, country and segment, stays: a late event needs to
-- know how long its person had been away. Flags and segments are the bits of one number here.
-- params: app_id smallint, horizon date, after uuid (exclusive; null: from the beginning),
--   upto uuid (null: to the end)
-- columns: none
delete from person_days as old
where app_id = %(app_id)s and day < %(horizon)s
  and (%(after)s::uuid is null or user_id > %(after)s::uuid)
  and (%(upto)s::uuid is null or user_id <= %(upto)s::uuid)
  and (not exists (select 1 from users where (users.user_id, users.app_id) = (old.user_id, old.app_id))
       or not exists (
           select from (
               select 1::bigint << place as bit, null as kind, null as dim, null as value
               from generate_series(0, 35) as place
               where (old.flags | old.segments::bigint << 16 | old.crash_segments::bigint << 26)
                     & (1::bigint << place) <> 0
               union all
               select 0, named.* from day_facets(old.versions, old.platforms, old.countries,
                                                    old.crash_versions, old.crash_systems) as named
           ) as said
           where not exists (
               select from person_days as later
               where later.user_id = old.user_id and later.app_id = old.app_id
                 and later.day > old.day and later.day < %(horizon)s
                 and case when kind is null
                     then (later.flags | later.segments::bigint << 16 | later.crash_segments::bigint << 26)
                          & bit <> 0
                     else has_facet(kind, dim, value, later.versions, later.platforms, later.countries,
                                   later.crash_versions, later.crash_systems) end)))
