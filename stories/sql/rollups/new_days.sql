-- The slice by person and day, beside what that day already held and the person's days around it. before,
-- after: the last day before it (held or of this slice) and the next one held, where it brings something.
-- careful: of which dimensions rollups/facet_gaps has to look for each value, since a day around it does not name
-- them all, or the day held something before, or it has a crash: bits 1 version, 2 platform, 4 country, 8 segment.
-- Where there is no such day its arrays are null, and nothing is to be looked for.
-- `offset 0`: each day is looked up, whatever the statistics say; where they knew of no row yet, 15,000 people
-- took 7 to 24 seconds. There the planner also takes the index of days for as good as the primary key, and reads
-- all people of the day for each of them. An equality that is written as two inequalities of (app_id, day) fits
-- the primary key as it is and looks dear in the other index.
-- params: none
-- columns: none
with fresh as (
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
                    filter (where kind = 'crash' and platform is not null), '{}') as crash_systems,
           coalesce(bit_or(segments) filter (where kind = 'event'), 0) as segments,
           coalesce(bit_or(segments) filter (where kind = 'crash'), 0) as crash_segments
    from slice
    where is_person(user_id)
    group by app_id, user_id, day
), beside as (
    select fresh.*, coalesce(held.flags, 0) as old_flags,
           coalesce(held.versions, '{}') as old_versions, coalesce(held.platforms, '{}') as old_platforms,
           coalesce(held.countries, '{}') as old_countries,
           coalesce(held.crash_versions, '{}') as old_crash_versions,
           coalesce(held.crash_systems, '{}') as old_crash_systems,
           coalesce(held.segments, 0) as old_segments, coalesce(held.crash_segments, 0) as old_crash_segments
    from fresh left join lateral (
        select * from held_days as days
        where days.user_id = fresh.user_id
          and (days.app_id, days.day) >= (fresh.app_id, fresh.day)
          and (days.app_id, days.day) <= (fresh.app_id, fresh.day)
        offset 0
    ) as held on true
), in_order as (
    select *, lag(day) over person as prior_day, lag(flags | old_flags) over person as prior_flags,
           lag(versions || old_versions) over person as prior_versions,
           lag(platforms || old_platforms) over person as prior_platforms,
           lag(countries || old_countries) over person as prior_countries,
           lag(segments | old_segments) over person as prior_segments,
           not (versions <@ old_versions and platforms <@ old_platforms and countries <@ old_countries
                and crash_versions <@ old_crash_versions and crash_systems <@ old_crash_systems
                and segments & ~old_segments = 0 and crash_segments & ~old_crash_segments = 0) as is_named
    from beside
    window person as (partition by app_id, user_id order by day)
), placed as (
    select in_order.*, greatest(prior_day, held_before.day) as before,
           case when is_prior then prior_flags else held_before.flags end as before_flags,
           case when is_prior then prior_versions else held_before.versions end as before_versions,
           case when is_prior then prior_platforms else held_before.platforms end as before_platforms,
           case when is_prior then prior_countries else held_before.countries end as before_countries,
           case when is_prior then prior_segments else held_before.segments end as before_segments,
           held_after.day as after, held_after.flags as after_flags, held_after.versions as after_versions,
           held_after.platforms as after_platforms, held_after.countries as after_countries,
           held_after.segments as after_segments
    from in_order left join lateral (
        select * from held_days as days
        where (days.user_id, days.app_id, days.day) < (in_order.user_id, in_order.app_id, in_order.day)
          and (days.user_id, days.app_id) = (in_order.user_id, in_order.app_id)
          and (in_order.is_named or in_order.flags & ~in_order.old_flags <> 0)
        order by days.user_id desc, days.app_id desc, days.day desc
        limit 1
    ) as held_before on true left join lateral (
        select * from held_days as days
        where (days.user_id, days.app_id, days.day) > (in_order.user_id, in_order.app_id, in_order.day)
          and (days.user_id, days.app_id) = (in_order.user_id, in_order.app_id)
          and (in_order.is_named or in_order.flags & ~in_order.old_flags <> 0)
        order by days.user_id, days.app_id, days.day
        limit 1
    ) as held_after on true cross join lateral (
        select prior_day >= held_before.day or held_before.day is null as is_prior
    ) as nearer
)
insert into new_days
select app_id, user_id, day, placed.flags, old_flags, placed.events, placed.crashes, versions, platforms,
       countries, crash_versions, crash_systems, old_versions, old_platforms, old_countries, old_crash_versions,
       old_crash_systems, before, before_flags, after, after_flags, people.first_day, is_named,
       case when not is_named then 0
            when placed.crashes > 0 or old_flags <> 0 then 15
            else case when not versions <@ before_versions or not versions <@ after_versions then 1 else 0 end
               | case when not platforms <@ before_platforms or not platforms <@ after_platforms then 2 else 0 end
               | case when not countries <@ before_countries or not countries <@ after_countries then 4 else 0 end
               | case when placed.segments & ~before_segments <> 0 or placed.segments & ~after_segments <> 0
                     then 8 else 0 end
       end,
       people.first_crash is not null, placed.segments, placed.crash_segments, old_segments, old_crash_segments
from placed join new_people as people using (app_id, user_id)
