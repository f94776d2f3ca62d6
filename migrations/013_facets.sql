-- Facets: distinct people per version, platform, family of platforms and country, so that an answer under one
-- of these filters costs what it costs without. Counts by family come from those by platform; people from the
-- days that are still held.
begin;

create function families_of(platforms text[]) returns text[]
language sql immutable parallel safe as $$
    select coalesce(array_agg(distinct platform_family(platform)), '{}')
    from unnest(platforms) as platform where platform <> ''
$$;

-- All items of several arrays; {} of none.
create aggregate all_of(text[]) (sfunc = array_cat, stype = text[], initcond = '{}');

-- What a person's day says of dimensions: with events (kind 1), with crashes (2), with either (0).
create function day_facets(
    versions text[], platforms text[], countries text[], crash_versions text[], crash_systems text[]
) returns table (kind integer, dim text, value text)
language sql immutable parallel safe as $$
    select distinct kinds.kind, named.dim, named.value
    from (
        select 1 as kind, 'version' as dim, unnest(versions) as value
        union all
        select 1, 'platform', unnest(platforms)
        union all
        select 1, 'family', platform_family(platform) from unnest(platforms) as platform where platform <> ''
        union all
        select 1, 'country', unnest(countries)
        union all
        select 2, 'version', unnest(crash_versions)
        union all
        select 2, 'platform', unnest(crash_systems)
        union all
        select 2, 'family', platform_family(platform) from unnest(crash_systems) as platform
        where platform <> ''
    ) as named, lateral (values (0), (named.kind)) as kinds (kind)
$$;

-- Whether it says so of one value: the condition for looking it up.
create function has_facet(
    kind integer, dim text, value text, versions text[], platforms text[], countries text[],
    crash_versions text[], crash_systems text[]
) returns boolean
language sql immutable parallel safe as $$
    select kind <> 2 and value = any (case dim when 'version' then versions when 'platform' then platforms
                                               when 'family' then families_of(platforms)
                                               when 'country' then countries end)
        or kind <> 1 and value = any (case dim when 'version' then crash_versions
                                               when 'platform' then crash_systems
                                               when 'family' then families_of(crash_systems) end)
$$;

-- Numbers of (dim, value) pairs, so that rows of people need no texts. 0 is everybody and has no row.
create sequence facet_numbers;
create table facets (
    facet   integer primary key default nextval('facet_numbers'),
    app_id  smallint not null,
    dim     text not null,
    value   text not null,
    unique (app_id, dim, value)
);
alter sequence facet_numbers owned by facets.facet;

-- People of a facet: kind 1 with an event of its value, 2 with a crash of it; kind 0 is what those with either have
-- beyond kind 1. Where somebody had no such day before, a facet's gap of kind 1 is 0 or below: the person's first
-- day minus this day.
alter table active_gaps add facet integer not null default 0;
alter table active_gaps drop constraint active_gaps_pkey, add primary key (app_id, facet, kind, day, gap);
drop index active_gaps_first;
create index active_gaps_first on active_gaps (app_id, facet, kind, day) where gap <= 0;
alter table departed_active_gaps add facet integer not null default 0;
alter table departed_active_gaps
    drop constraint departed_active_gaps_pkey, add primary key (app_id, facet, kind, day, gap);
drop index if exists departed_active_gaps_app_id_kind_day_idx;

-- Segments that a person's day matched, by events and by crashes: bits by segments.place.
alter table person_days add segments integer not null default 0, add crash_segments integer not null default 0;
create or replace view held_days as select * from person_days;

create or replace view daily_people as
select apps.slug as app, gaps.day as date,
       coalesce(sum(people) filter (where gaps.kind = 1), 0)::bigint as active_users,
       coalesce(sum(people) filter (where gaps.kind = 1 and gap = 0), 0)::bigint as new_users,
       coalesce(sum(people) filter (where gaps.kind = 2), 0)::bigint as crashed_users,
       coalesce(sum(people) filter (where gaps.kind = 0), 0)::bigint as active_or_crashed_users
from active_gaps as gaps join apps using (app_id)
where gaps.kind in (0, 1, 2) and gaps.facet = 0
group by apps.slug, gaps.day;

create or replace function distinct_people(app text, kind integer, first date, last date) returns bigint
language sql stable parallel safe as $$
    select coalesce(sum(gaps.people), 0)::bigint
    from active_gaps as gaps join apps using (app_id)
    where apps.slug = $1 and gaps.facet = 0 and gaps.kind = $2 and gaps.day between $3 and $4
      and (gaps.gap = 0 or gaps.gap > gaps.day - $3)
$$;

create or replace view user_stats as
select apps.slug as app, every_day.date,
       coalesce(sum(people.new_users) over (partition by apps.app_id order by every_day.date), 0)::bigint
           as total_users,
       coalesce(people.active_users, 0) as active_users,
       coalesce(people.new_users, 0) as new_users,
       coalesce(events.recordings, 0)::bigint as total_recordings,
       round(coalesce(usage.seconds, 0) / 60, 2) as total_minutes,
       coalesce(usage.cost_usd, 0) as total_cost_usd,
       coalesce(crashes.n, 0)::bigint as crash_count,
       round(coalesce(crashes.n, 0) / nullif(people.active_or_crashed_users, 0), 3) as crash_rate
from apps
join lateral (
    select min(day) as first_day, max(day) as last_day
    from active_gaps where active_gaps.app_id = apps.app_id and active_gaps.facet = 0 and active_gaps.kind = 0
) as active on true
cross join lateral (
    select day::date as date
    from generate_series(first_day::timestamp, last_day::timestamp, '1 day') as day
) as every_day
left join daily_people as people on people.app = apps.slug and people.date = every_day.date
left join daily_usage as usage on usage.app = apps.slug and usage.date = every_day.date
left join (
    select app_id, day, sum(n) as recordings from daily_events
    where dim = 'none' and event = 'recording_completed' group by app_id, day
) as events on events.app_id = apps.app_id and events.day = every_day.date
left join (
    select app_id, day, sum(n) as n from daily_crashes where dim = 'none' group by app_id, day
) as crashes on crashes.app_id = apps.app_id and crashes.day = every_day.date;

-- Counts by family: sums of those by platform.
insert into daily_events (app_id, day, dim, value, event, n)
select app_id, day, 'family', platform_family(value), event, sum(n)
from daily_events
where dim = 'platform' and value <> ''
group by app_id, day, platform_family(value), event;
insert into departed_daily_events (app_id, day, dim, value, event, n)
select app_id, day, 'family', platform_family(value), event, sum(n)
from departed_daily_events
where dim = 'platform' and value <> ''
group by app_id, day, platform_family(value), event;
insert into daily_values (app_id, day, dim, value, event, property, label, n)
select app_id, day, 'family', platform_family(value), event, property, label, sum(n)
from daily_values
where dim = 'platform' and value <> ''
group by app_id, day, platform_family(value), event, property, label;
insert into departed_daily_values (app_id, day, dim, value, event, property, label, n)
select app_id, day, 'family', platform_family(value), event, property, label, sum(n)
from departed_daily_values
where dim = 'platform' and value <> ''
group by app_id, day, platform_family(value), event, property, label;
insert into daily_crashes (app_id, day, dim, value, crash_type, n)
select app_id, day, 'family', platform_family(value), crash_type, sum(n)
from daily_crashes
where dim = 'platform' and value <> ''
group by app_id, day, platform_family(value), crash_type;
insert into departed_daily_crashes (app_id, day, dim, value, crash_type, n)
select app_id, day, 'family', platform_family(value), crash_type, sum(n)
from departed_daily_crashes
where dim = 'platform' and value <> ''
group by app_id, day, platform_family(value), crash_type;
insert into daily_numbers (app_id, day, dim, value, event, property, n, total, least, most, histogram)
select app_id, day, 'family', family, event, property, n, total, least, most, coalesce(histogram, '{}')
from (
    select app_id, day, platform_family(value) as family, event, property,
           sum(n) as n, sum(total) as total, min(least) as least, max(most) as most
    from daily_numbers
    where dim = 'platform' and value <> ''
    group by app_id, day, platform_family(value), event, property
) as summed left join (
    select app_id, day, family, event, property, jsonb_object_agg(bucket, n) as histogram
    from (
        select app_id, day, platform_family(value) as family, event, property, bucket, sum(count::bigint) as n
        from daily_numbers, jsonb_each_text(histogram) as each (bucket, count)
        where dim = 'platform' and value <> ''
        group by app_id, day, platform_family(value), event, property, bucket
    ) as bucketed
    group by app_id, day, family, event, property
) as merged using (app_id, day, family, event, property);
insert into departed_daily_numbers (app_id, day, dim, value, event, property, n, total, least, most, histogram)
select app_id, day, 'family', family, event, property, n, total, least, most, coalesce(histogram, '{}')
from (
    select app_id, day, platform_family(value) as family, event, property,
           sum(n) as n, sum(total) as total, min(least) as least, max(most) as most
    from departed_daily_numbers
    where dim = 'platform' and value <> ''
    group by app_id, day, platform_family(value), event, property
) as summed left join (
    select app_id, day, family, event, property, jsonb_object_agg(bucket, n) as histogram
    from (
        select app_id, day, platform_family(value) as family, event, property, bucket, sum(count::bigint) as n
        from departed_daily_numbers, jsonb_each_text(histogram) as each (bucket, count)
        where dim = 'platform' and value <> ''
        group by app_id, day, platform_family(value), event, property, bucket
    ) as bucketed
    group by app_id, day, family, event, property
) as merged using (app_id, day, family, event, property);

-- People by facet, from the days that are held. What erased people did before this is not known any more, and of
-- expired days only what kind of day they were: answers under a filter have never counted those.
create temporary table facet_gaps on commit drop as
with gaps as (
    select app_id, dim, value, kind, day, has_crashed,
           coalesce(day - lag(day) over (partition by app_id, user_id, kind, dim, value order by day),
                    case when kind = 1 then first_day - day else 0 end) as gap
    from (
        select app_id, user_id, day, first_day, first_crash is not null as has_crashed, named.*
        from person_days join users using (user_id, app_id),
             lateral day_facets(versions, platforms, countries, crash_versions, crash_systems) as named
        where kind = 1 or first_crash is not null
    ) as said
)
select app_id, dim, value, kind, day, gap, sum(people) as people
from (
    select app_id, dim, value, kind, day, gap, 1 as people from gaps
    union all
    select app_id, dim, value, 0, day, greatest(gap, 0), -1 from gaps where kind = 1 and has_crashed
) as changes
group by app_id, dim, value, kind, day, gap
having sum(people) <> 0;
insert into facets (app_id, dim, value)
select distinct app_id, dim, value from facet_gaps order by app_id, dim, value;
insert into active_gaps (app_id, facet, kind, day, gap, people)
select app_id, facet, kind, day, gap, people from facet_gaps join facets using (app_id, dim, value);

insert into schema_migrations (name) values ('013_facets');
commit;
