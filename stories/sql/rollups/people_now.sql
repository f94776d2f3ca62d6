-- People by last day, country and auto_paste: from what they were to what they are. Of each version, platform, family
-- of platforms, country and segment likewise, by the last day with an event that names it. Most often that is a
-- day that no other follows and that names what the day before it named (new_days.careful): those values move from
-- there. Otherwise each value's last day is looked up; and of whom country or auto_paste has changed all days are
-- read, since all values go along. By the version and platform that they have now, people's last days alone.
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
), moves as materialized (
    select app_id, user_id, country, auto_paste, dims & place = 0 as is_plain, dim, names, bits,
           min(coalesce(before, '-infinity')) as was_last, max(day) as last_day
    from new_days join people using (app_id, user_id), lateral (
        values (1, 'version', versions, old_versions, 0), (2, 'platform', platforms, old_platforms, 0),
               (4, 'country', countries, old_countries, 0), (8, 'segment', '{}', '{}', segments & ~old_segments)
    ) as said (place, dim, names, old_names, bits)
    where is_named and (after is null or dims & place <> 0) and (not names <@ old_names or bits <> 0)
    group by app_id, user_id, country, auto_paste, is_plain, dim, names, bits
), families as materialized (
    select names, families_of(names) as families
    from (select distinct names from moves where dim = 'platform') as platforms
), named as materialized (
    select app_id, user_id, country, auto_paste, is_plain, dim, value, was_last, last_day
    from moves, unnest(names) as value
    union all
    select app_id, user_id, country, auto_paste, is_plain, 'family', value, was_last, last_day
    from moves join families using (names), unnest(families) as value
    where dim = 'platform'
    union all
    select app_id, user_id, country, auto_paste, is_plain, dim, value, was_last, last_day
    from moves join slice_segments using (app_id)
    where bits & bit <> 0
), fresh as materialized (
    select app_id, user_id, dim, value, max(last_day) as day
    from named where not is_plain
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
    ) as said
    where has_changed
    group by people.app_id, people.user_id, dim, value
), apart as materialized (
    select app_id, user_id, dim, value, held.day as was_last, greatest(held.day, fresh.day) as last_day
    from held full join fresh using (app_id, user_id, dim, value)
), changes as (
    select app_id, dim, value, was_last as last_day, country, auto_paste, -1 as people
    from named where is_plain and was_last <> '-infinity'
    union all
    select app_id, dim, value, last_day, country, auto_paste, 1 from named where is_plain
    union all
    select app_id, dim, value, apart.was_last, was_country, was_auto_paste, -1
    from apart join people using (app_id, user_id) where apart.was_last is not null
    union all
    select app_id, dim, value, apart.last_day, country, auto_paste, 1
    from apart join people using (app_id, user_id)
), counted as (
    select app_id, dim, value, last_day, country, auto_paste, sum(people) as people
    from changes
    group by app_id, dim, value, last_day, country, auto_paste
    having sum(people) <> 0
    union all
    select app_id, dim, said.value, said.last_day, '', null, sum(people)
    from (
        select app_id, 'now_version' as dim, was_last, coalesce(was_version, '') as was, last_day,
               coalesce(app_version, '') as now
        from new_people
        union all
        select app_id, 'now_platform', was_last, coalesce(was_platform, ''), last_day, coalesce(platform, '')
        from new_people
    ) as states, lateral (values (was_last, was, -1), (last_day, now, 1)) as said (last_day, value, people)
    where (was_last, was) is distinct from (states.last_day, now) and said.last_day is not null
    group by app_id, dim, said.value, said.last_day
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
