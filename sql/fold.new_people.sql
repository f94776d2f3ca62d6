-- The people of the slice: as they were (was_…) and as they are with it.
-- "Latest" goes by time and, at the same time, by text: the same in any order of arrival.
-- params: none
-- columns: none
with counted as (
    select app_id, user_id, jsonb_object_agg(event, n) as counts
    from (select app_id, user_id, event, count(*) as n
          from slice where kind = 'event' group by app_id, user_id, event) as by_event
    group by app_id, user_id
), fresh as (
    select app_id, user_id,
           min(timestamp) filter (where kind = 'event') as first_seen,
           max(timestamp) filter (where kind = 'event') as last_seen,
           min(day) filter (where kind = 'event') as first_day,
           max(day) filter (where kind = 'event') as last_day,
           min(timestamp) filter (where kind = 'crash') as first_crash,
           max(timestamp) filter (where kind = 'crash') as last_crash,
           count(*) filter (where kind = 'event') as events,
           count(*) filter (where kind = 'crash') as crashes
    from slice
    group by app_id, user_id
), versions as (
    select distinct on (app_id, user_id) app_id, user_id, app_version, timestamp as version_at
    from slice where kind = 'event' and app_version is not null
    order by app_id, user_id, timestamp desc, app_version desc
), platforms as (
    select distinct on (app_id, user_id) app_id, user_id, platform, timestamp as platform_at
    from slice where kind = 'event' and platform is not null
    order by app_id, user_id, timestamp desc, platform desc
), countries as (
    select distinct on (app_id, user_id) app_id, user_id, country, timestamp as country_at
    from slice where country <> 'XX'
    order by app_id, user_id, timestamp desc, country desc
), toggles as (
    select distinct on (app_id, user_id) app_id, user_id,
           (properties ->> 'enabled')::boolean as auto_paste, timestamp as auto_paste_at
    from slice
    where event = 'feature_toggled' and properties ->> 'feature' = 'auto_paste'
      and jsonb_typeof(properties -> 'enabled') = 'boolean'
    order by app_id, user_id, timestamp desc, properties ->> 'enabled' desc
)
insert into new_people
select fresh.app_id, fresh.user_id, old.first_day, old.last_day, old.country, old.auto_paste,
       least(old.first_seen, fresh.first_seen), greatest(old.last_seen, fresh.last_seen),
       least(old.first_day, fresh.first_day), greatest(old.last_day, fresh.last_day),
       least(old.first_crash, fresh.first_crash), greatest(old.last_crash, fresh.last_crash),
       case when later.version then versions.app_version else old.app_version end,
       case when later.version then versions.version_at else old.version_at end,
       case when later.platform then platforms.platform else old.platform end,
       case when later.platform then platforms.platform_at else old.platform_at end,
       case when later.country then countries.country else old.country end,
       case when later.country then countries.country_at else old.country_at end,
       case when later.toggle then toggles.auto_paste else old.auto_paste end,
       case when later.toggle then toggles.auto_paste_at else old.auto_paste_at end,
       coalesce(old.events, 0) + fresh.events, coalesce(old.crashes, 0) + fresh.crashes,
       case when counted.counts is null then coalesce(old.counts, '{}')
            else add_counts(coalesce(old.counts, '{}'), counted.counts) end
from fresh
left join users as old using (app_id, user_id)
left join counted using (app_id, user_id)
left join versions using (app_id, user_id)
left join platforms using (app_id, user_id)
left join countries using (app_id, user_id)
left join toggles using (app_id, user_id)
cross join lateral (
    select (versions.version_at, versions.app_version)
               > (coalesce(old.version_at, '-infinity'), coalesce(old.app_version, '')) as version,
           (platforms.platform_at, platforms.platform)
               > (coalesce(old.platform_at, '-infinity'), coalesce(old.platform, '')) as platform,
           (countries.country_at, countries.country)
               > (coalesce(old.country_at, '-infinity'), coalesce(old.country, '')) as country,
           (toggles.auto_paste_at, toggles.auto_paste)
               > (coalesce(old.auto_paste_at, '-infinity'), coalesce(old.auto_paste, false)) as toggle
) as later
