-- The people of the slice: as they were (was_…) and as they are with it. Ids that stand for nobody are not among
-- them, here and in rollups/new_days: whatever counts people reads these two.
-- "Latest" goes by time and, at the same time, by text: the same in any order of arrival.
-- params: none
-- columns: none
with fresh as materialized (
    select app_id, user_id,
           min(timestamp) filter (where kind = 'event') as first_seen,
           max(timestamp) filter (where kind = 'event') as last_seen,
           min(day) filter (where kind = 'event') as first_day,
           max(day) filter (where kind = 'event') as last_day,
           min(timestamp) filter (where kind = 'crash') as first_crash,
           max(timestamp) filter (where kind = 'crash') as last_crash,
           count(*) filter (where kind = 'event') as events,
           count(*) filter (where kind = 'crash') as crashes,
           max(timestamp) filter (where kind = 'event' and app_version is not null) as version_at,
           max(timestamp) filter (where kind = 'event' and platform is not null) as platform_at,
           max(timestamp) filter (where country <> 'XX') as country_at
    from slice
    where is_person(user_id)
    group by app_id, user_id
), latest as (
    select app_id, user_id,
           max(app_version) filter (where kind = 'event' and timestamp = version_at) as app_version,
           max(slice.platform) filter (where kind = 'event' and timestamp = platform_at) as platform,
           max(slice.country) filter (where country <> 'XX' and timestamp = country_at) as country
    from slice join fresh using (app_id, user_id)
    where timestamp in (version_at, platform_at, country_at)
    group by app_id, user_id
), counted as (
    select app_id, user_id, jsonb_object_agg(event, n) as counts
    from (
        select app_id, user_id, event, sum(n) as n
        from (
            select app_id, user_id, event, count(*) as n
            from slice where kind = 'event' and is_person(user_id)
            group by app_id, user_id, event
            union all
            select app_id, user_id, held.key, held.value::bigint
            from fresh join held_people as people using (app_id, user_id), jsonb_each_text(people.counts) as held
        ) as both_sides
        group by app_id, user_id, event
    ) as by_event
    group by app_id, user_id
), toggles as (
    select distinct on (app_id, user_id) app_id, user_id,
           (properties ->> 'enabled')::boolean as auto_paste, timestamp as auto_paste_at
    from slice
    where event = 'feature_toggled' and properties ->> 'feature' = 'auto_paste'
      and jsonb_typeof(properties -> 'enabled') = 'boolean'
    order by app_id, user_id, timestamp desc, properties ->> 'enabled' desc
)
insert into new_people
select fresh.app_id, fresh.user_id, old.first_day, old.last_day, old.app_version, old.platform,
       old.country, old.auto_paste,
       least(old.first_seen, fresh.first_seen), greatest(old.last_seen, fresh.last_seen),
       least(old.first_day, fresh.first_day), greatest(old.last_day, fresh.last_day),
       least(old.first_crash, fresh.first_crash), greatest(old.last_crash, fresh.last_crash),
       case when later.version then latest.app_version else old.app_version end,
       case when later.version then fresh.version_at else old.version_at end,
       case when later.platform then latest.platform else old.platform end,
       case when later.platform then fresh.platform_at else old.platform_at end,
       case when later.country then latest.country else old.country end,
       case when later.country then fresh.country_at else old.country_at end,
       case when later.toggle then toggles.auto_paste else old.auto_paste end,
       case when later.toggle then toggles.auto_paste_at else old.auto_paste_at end,
       coalesce(old.events, 0) + fresh.events, coalesce(old.crashes, 0) + fresh.crashes,
       coalesce(counted.counts, '{}')
from fresh
left join held_people as old using (app_id, user_id)
left join counted using (app_id, user_id)
left join latest using (app_id, user_id)
left join toggles using (app_id, user_id)
cross join lateral (
    select (fresh.version_at, latest.app_version)
               > (coalesce(old.version_at, '-infinity'), coalesce(old.app_version, '')) as version,
           (fresh.platform_at, latest.platform)
               > (coalesce(old.platform_at, '-infinity'), coalesce(old.platform, '')) as platform,
           (fresh.country_at, latest.country)
               > (coalesce(old.country_at, '-infinity'), coalesce(old.country, '')) as country,
           (toggles.auto_paste_at, toggles.auto_paste)
               > (coalesce(old.auto_paste_at, '-infinity'), coalesce(old.auto_paste, false)) as toggle
) as later
