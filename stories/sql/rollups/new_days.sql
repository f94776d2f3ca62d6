-- The slice by person and day, beside what that day already held. `offset 0`: each day is looked up, whatever
-- the statistics say; where they knew of no row yet, 15,000 people took 7 to 24 seconds. There the planner also
-- takes the index of days for as good as the primary key, and reads all people of the day for each of them: what
-- is said twice, of the whole key, speaks for that.
-- params: none
-- columns: none
insert into new_days
select fresh.app_id, fresh.user_id, fresh.day, fresh.flags, coalesce(held.flags, 0), fresh.events, fresh.crashes,
       fresh.versions, fresh.platforms, fresh.countries, fresh.crash_versions, fresh.crash_systems,
       coalesce(held.versions || held.crash_versions, '{}'),
       coalesce(held.platforms || held.crash_systems, '{}'), coalesce(held.countries, '{}')
from (
    select app_id, user_id, day, bit_or(flags) as flags,
           count(*) filter (where kind = 'event') as events,
           count(*) filter (where kind = 'crash') as crashes,
           coalesce(array_agg(distinct app_version)
                    filter (where kind = 'event' and app_version is not null), '{}') as versions,
           coalesce(array_agg(distinct platform)
                    filter (where kind = 'event' and platform is not null), '{}') as platforms,
           coalesce(array_agg(distinct country) filter (where country is not null), '{}') as countries,
           coalesce(array_agg(distinct app_version)
                    filter (where kind = 'crash' and app_version <> ''), '{}') as crash_versions,
           coalesce(array_agg(distinct platform)
                    filter (where kind = 'crash' and platform is not null), '{}') as crash_systems
    from slice
    group by app_id, user_id, day
) as fresh left join lateral (
    select * from held_days as days
    where (days.user_id, days.app_id, days.day) = (fresh.user_id, fresh.app_id, fresh.day)
      and (days.user_id, days.app_id, days.day) >= (fresh.user_id, fresh.app_id, fresh.day)
    offset 0
) as held on true
