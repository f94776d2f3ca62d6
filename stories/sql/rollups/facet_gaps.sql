-- As rollups/active_gaps, for people by version, platform, family of platforms, country and segment: what each day
-- brings of a value that it had not named yet. Most often the days around it name the same values; such days
-- are counted as they come together, before they are taken apart. The others' values are looked up one by one: of
-- a person those of the dimensions in which one of their days is not so (new_days.careful).
-- Of kind 1 a gap of 0 or below says that the person had named it on no day before: their first day minus this
-- day. So the new people of a range are those whose gap does not reach back before it; a first day that moves
-- back takes these along. Where that day has expired nobody knows any more which it was, and it stays.
-- Kind 0 is what either kind has beyond kind 1, so that who has never had a crash needs no row of it; nor has a day
-- whose neighbours name the same by events, for then either kind's neighbours are the same.
-- Rows of days that a facet has nothing of yet are inserted as in rollups/daily_events.
-- params: none
-- columns: none
with careful as materialized (
    select app_id, user_id, bit_or(careful) as dims from new_days where careful <> 0 group by app_id, user_id
), together as materialized (
    select app_id, day, before, after, case when before is null then first_day end as first_day,
           dims.dim, dims.named, count(*) as people
    from new_days left join careful using (app_id, user_id), lateral (
        values (1, 'version', versions), (2, 'platform', platforms), (4, 'country', countries),
               (8, 'segment', case when segments <> 0 then array(
                   select value from slice_segments as counted
                   where counted.app_id = new_days.app_id and segments & bit <> 0 order by value) end)
    ) as dims (place, dim, named)
    where is_named and named <> '{}' and coalesce(careful.dims, 0) & place = 0
    group by 1, 2, 3, 4, 5, 6, 7
), families as materialized (
    select named, families_of(named) as families
    from (select distinct named from together where dim = 'platform') as platforms
), apart as (
    select app_id, user_id, day, first_day, has_crashed, 1 as kind, dim, value, 0 as bit
    from new_days join careful using (app_id, user_id), lateral (
        select 'version' as dim, value from unnest(versions) as value
        where dims & 1 <> 0 and value <> all (old_versions)
        union all
        select 'platform', value from unnest(platforms) as value
        where dims & 2 <> 0 and value <> all (old_platforms)
        union all
        select 'family', value from unnest(families_of(platforms)) as value
        where dims & 2 <> 0 and value <> all (families_of(old_platforms))
        union all
        select 'country', value from unnest(countries) as value
        where dims & 4 <> 0 and value <> all (old_countries)
    ) as said
    where is_named
    union all
    select app_id, user_id, day, first_day, has_crashed, said.*, 0
    from new_days join careful using (app_id, user_id), lateral (
        select * from day_facets(versions, platforms, countries, crash_versions, crash_systems)
        except
        select * from day_facets(old_versions, old_platforms, old_countries, old_crash_versions,
                                 old_crash_systems)
    ) as said
    where is_named and has_crashed and kind <> 1
      and dims & case dim when 'version' then 1 when 'country' then 4 else 2 end <> 0
    union all
    select app_id, user_id, day, first_day, has_crashed, kinds.kind, 'segment', value, bit
    from new_days join careful using (app_id, user_id) join slice_segments using (app_id), lateral (
        select 1 as kind where segments & ~old_segments & bit <> 0
        union all
        select 2 where crash_segments & ~old_crash_segments & bit <> 0
        union all
        select 0 where (segments | crash_segments) & ~(old_segments | old_crash_segments) & bit <> 0
    ) as kinds
    where is_named and dims & 8 <> 0 and (kind = 1 or has_crashed)
), placed as (
    select app_id, day, before, after, first_day, 1 as kind, false as has_crashed, dim, named, people from together
    union all
    select app_id, day, before, after, first_day, 1, false, 'family', families, people
    from together join families using (named) where dim = 'platform'
    union all
    select app_id, day,
           greatest(
               (select held.day from held_days as held
                where (held.user_id, held.app_id, held.day) < (apart.user_id, apart.app_id, apart.day)
                  and (held.user_id, held.app_id) = (apart.user_id, apart.app_id)
                  and (kind <> 2 and held.segments & apart.bit <> 0
                       or kind <> 1 and held.crash_segments & apart.bit <> 0
                       or has_facet(apart.kind, apart.dim, apart.value, versions, platforms, countries,
                                    crash_versions, crash_systems))
                order by held.user_id desc, held.app_id desc, held.day desc limit 1),
               lag(apart.day) over (partition by app_id, user_id, kind, dim, value order by apart.day)
           ),
           (select held.day from held_days as held
            where (held.user_id, held.app_id, held.day) > (apart.user_id, apart.app_id, apart.day)
              and (held.user_id, held.app_id) = (apart.user_id, apart.app_id)
              and (kind <> 2 and held.segments & apart.bit <> 0
                   or kind <> 1 and held.crash_segments & apart.bit <> 0
                   or has_facet(apart.kind, apart.dim, apart.value, versions, platforms, countries,
                                crash_versions, crash_systems))
            order by held.user_id, held.app_id, held.day limit 1),
           first_day, kind, has_crashed, dim, array[value], 1
    from apart
), moved as (
    select people.app_id, was_first, people.first_day, firsts.dim, firsts.value, firsts.day
    from new_people as people, lateral (
        select dim, value, min(days.day) as day
        from (
            select * from held_days as held
            where (held.user_id, held.app_id) = (people.user_id, people.app_id)
            offset 0
        ) as days, lateral (
            select kind, dim, value from day_facets(versions, platforms, countries, '{}', '{}')
            union all
            select 1, 'segment', value from slice_segments as counted
            where counted.app_id = people.app_id and days.segments & bit <> 0
        ) as named
        where kind = 1
        group by dim, value
        having min(days.day) = min(days.day) filter (where days.events > 0)
    ) as firsts
    where people.first_day < people.was_first
), changes as (
    select app_id, dim, named, kind, has_crashed, day,
           coalesce(day - before, case when kind = 1 then first_day - day else 0 end) as gap, people
    from placed
    union all
    select app_id, dim, named, kind, has_crashed, after,
           coalesce(after - before, case when kind = 1 then first_day - after else 0 end), -people
    from placed where after is not null
    union all
    select app_id, dim, named, kind, has_crashed, after, after - day, people from placed where after is not null
), counted as materialized (
    select app_id, dim, value, kind, day, gap, sum(people) as people
    from (
        select app_id, dim, named, kind, day, gap, people from changes
        union all
        select app_id, dim, named, 0, day, greatest(gap, 0), -people from changes where kind = 1 and has_crashed
        union all
        select app_id, dim, array[value], 1, day, was_first - day, -1 from moved
        union all
        select app_id, dim, array[value], 1, day, first_day - day, 1 from moved
    ) as all_changes, unnest(named) as value
    group by app_id, dim, value, kind, day, gap
    having sum(people) <> 0
), called as materialized (
    select distinct app_id, dim, value from counted
), new as (
    insert into facets (app_id, dim, value)
    select app_id, dim, value from called
    where not exists (select from facets as held
                      where (held.app_id, held.dim, held.value) = (called.app_id, called.dim, called.value))
    returning facet, app_id, dim, value
), numbered as materialized (
    select facet, app_id, dim, value from facets join called using (app_id, dim, value)
    union all
    select facet, app_id, dim, value from new
), held as materialized (
    select app_id, facet, kind, day
    from (select distinct app_id, facet, kind, day from counted join numbered using (app_id, dim, value)) as days
    where exists (select from active_gaps as held
                  where (held.app_id, held.facet, held.kind, held.day)
                      = (days.app_id, days.facet, days.kind, days.day))
), fresh as (
    insert into active_gaps (app_id, facet, kind, day, gap, people)
    select app_id, facet, kind, day, gap, people
    from counted join numbered using (app_id, dim, value)
    where (app_id, facet, kind, day) not in (select * from held)
)
insert into active_gaps (app_id, facet, kind, day, gap, people)
select app_id, facet, kind, day, gap, people
from counted join numbered using (app_id, dim, value)
where (app_id, facet, kind, day) in (select * from held)
on conflict (app_id, facet, kind, day, gap) do update set people = active_gaps.people + excluded.people
