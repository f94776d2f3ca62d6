-- People by last day, country and auto_paste: from what they were to what they are. Of each version, platform, family
-- of platforms, country and segment likewise, by the last day with an event that names it. Most often that is a
-- day without a later one, and the day before it names the same values: such days are counted as they come together, as in
-- rollups/facet_gaps. Otherwise (new_days.careful) the last day of each value is looked up; and of those whose
-- country or auto_paste has changed all days are read, since all their values go along.
-- params: none
-- columns: none
with careful as materialized (
    select app_id, user_id, bit_or(careful) as dims from new_days where careful <> 0 group by app_id, user_id
), people as materialized (
    select app_id, user_id, was_last, coalesce(was_country, '') as was_country, was_auto_paste,
           last_day, coalesce(country, '') as country, auto_paste, has_changed,
           case when has_changed then 15 else coalesce(dims, 0) end as dims
    from new_people left join careful using (app_id, user_id), lateral (
        select was_last is not null
               and (was_country is distinct from country or was_auto_paste is distinct from auto_paste) as has_changed
    ) as state
), together as materialized (
    select app_id, day, before, country, auto_paste, named.dim, named.names, count(*) as people
    from new_days join people using (app_id, user_id), lateral (
        values (1, 'version', versions), (2, 'platform', platforms), (4, 'country', countries),
               (8, 'segment', case when segments <> 0 then array(
                   select value from slice_segments as counted
                   where counted.app_id = new_days.app_id and segments & bit <> 0 order by value) end)
    ) as named (place, dim, names)
    where is_named and after is null and names <> '{}' and dims & place = 0
    group by app_id, day, before, country, auto_paste, named.dim, named.names
), families as materialized (
    select names, families_of(names) as families
    from (select distinct names from together where dim = 'platform') as platforms
), fresh as materialized (
    select app_id, user_id, dim, value, max(day) as day
    from new_days join people using (app_id, user_id), lateral (
        select 1 as place, 'version' as dim, value from unnest(versions) as value where value <> all (old_versions)
        union all
        select 2, 'platform', value from unnest(platforms) as value where value <> all (old_platforms)
        union all
        select 2, 'family', value from unnest(families_of(platforms)) as value
        where value <> all (families_of(old_platforms))
        union all
        select 4, 'country', value from unnest(countries) as value where value <> all (old_countries)
        union all
        select 8, 'segment', value from slice_segments as counted
        where counted.app_id = new_days.app_id and segments & ~old_segments & bit <> 0
    ) as said
    where is_named and dims & place <> 0
    group by app_id, user_id, dim, value
), held as (
    select app_id, user_id, dim, value, (
               select days.day from held_days as days
               where (days.user_id, days.app_id) = (fresh.user_id, fresh.app_id)
                 and case dim when 'version' then value = any (versions)
                              when 'platform' then value = any (platforms)
                              when 'family' then value = any (families_of(platforms))
                              when 'country' then value = any (countries)
                              else segments & bit <> 0 end
               order by days.user_id desc, days.app_id desc, days.day desc limit 1
           ) as day
    from fresh join people using (app_id, user_id) left join (
        select app_id, 'segment' as dim, value, bit from slice_segments
    ) as bits using (app_id, dim, value)
    where not has_changed
    union all
    select people.app_id, people.user_id, dim, value, max(day)
    from people, lateral (
        select * from held_days
        where (held_days.user_id, held_days.app_id) = (people.user_id, people.app_id)
        offset 0
    ) as days, lateral (
        select dim, value from day_facets(versions, platforms, countries, '{}', '{}') where kind = 1
        union all
        select 'segment', value from slice_segments as counted
        where counted.app_id = people.app_id and days.segments & bit <> 0
    ) as named
    where has_changed
    group by people.app_id, people.user_id, dim, value
), apart as materialized (
    select app_id, user_id, dim, value, held.day as was_last, greatest(held.day, fresh.day) as last_day
    from held full join fresh using (app_id, user_id, dim, value)
), changes as (
    select app_id, dim, names, before as last_day, country, auto_paste, -people as people
    from together where before is not null
    union all
    select app_id, dim, names, day, country, auto_paste, people from together
), by_value as (
    select app_id, dim, value, last_day, country, auto_paste, people from changes, unnest(names) as value
    union all
    select app_id, 'family', value, last_day, country, auto_paste, people
    from changes join families using (names), unnest(families) as value
    where dim = 'platform'
    union all
    select app_id, dim, value, apart.was_last, was_country, was_auto_paste, -1
    from apart join people using (app_id, user_id) where apart.was_last is not null
    union all
    select app_id, dim, value, apart.last_day, country, auto_paste, 1
    from apart join people using (app_id, user_id)
), counted as materialized (
    select app_id, dim, value, last_day, country, auto_paste, sum(people) as people
    from by_value
    group by app_id, dim, value, last_day, country, auto_paste
    having sum(people) <> 0
)
insert into people_now (app_id, facet, last_day, country, auto_paste, people)
select app_id, facet, last_day, country, auto_paste, people from counted join facets using (app_id, dim, value)
union all
select app_id, 0, last_day, country, auto_paste, sum(people)
from (
    select app_id, was_last as last_day, was_country as country, was_auto_paste as auto_paste, -1 as people
    from people where was_last is not null
    union all
    select app_id, last_day, country, auto_paste, 1 from people where last_day is not null
) as changes
group by app_id, last_day, country, auto_paste
having sum(people) <> 0
on conflict (app_id, facet, last_day, country, auto_paste, departed)
    do update set people = people_now.people + excluded.people
