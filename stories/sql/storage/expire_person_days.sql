-- Deletes person-days before the first kept day, of a range of people. Of people who stay, the last such day
-- of each kind of activity, and of each version, platform, country and segment, stays: a late event needs to
-- know how long its person had been away.
-- params: app_id smallint, horizon date, after uuid (exclusive; null: from the beginning),
--   upto uuid (null: to the end)
-- columns: none
delete from person_days as old
where app_id = %(app_id)s and day < %(horizon)s
  and (%(after)s::uuid is null or user_id > %(after)s::uuid)
  and (%(upto)s::uuid is null or user_id <= %(upto)s::uuid)
  and (not exists (select 1 from users where (users.user_id, users.app_id) = (old.user_id, old.app_id))
       or old.flags & ~coalesce((
           select bit_or(later.flags) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       ), 0) = 0
       and old.segments & ~coalesce((
           select bit_or(later.segments) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       ), 0) = 0
       and old.crash_segments & ~coalesce((
           select bit_or(later.crash_segments) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       ), 0) = 0
       and old.versions::text[] <@ (
           select all_of(later.versions::text[]) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       )
       and old.platforms::text[] <@ (
           select all_of(later.platforms::text[]) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       )
       and old.countries::text[] <@ (
           select all_of(later.countries::text[]) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       )
       and old.crash_versions::text[] <@ (
           select all_of(later.crash_versions::text[]) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       )
       and old.crash_systems::text[] <@ (
           select all_of(later.crash_systems::text[]) from person_days as later
           where later.user_id = old.user_id and later.app_id = old.app_id
             and later.day > old.day and later.day < %(horizon)s
       ))
