-- What people did with events and crashes of one version, platform or country, all in one answer, since
-- reading their days is a good part of its cost, and three statements read them three times:
-- part 'window': distinct people of each window (kind, first day, last day), as stats_distinct_people;
-- part 'bucket': active and crashed people per day, week or month of a range, as stats_buckets (who is
-- new to an app is not new to a version, so nobody is); part 'state': as stats_traits.
-- Each window is a bit, each day has its windows, each person ends with the bits of the windows they
-- are in; bit 0 is "an event in the range". Kinds 0 (either), 1 (event) and 2 (crash) only: a row's other
-- flags do not say which of the day's versions they belong to.
-- The days' bits and buckets are arrays by day number: as a table to join, the planner reads person_days
-- day by day through an index, which takes half as long again. The collation compares bytes, which
-- equality may, and spares a look-up per row.
-- params: app_id smallint, dim text, value text, group_by text, first date, last date,
--   kinds integer[], firsts date[], lasts date[], earliest date, latest date (of the range and all windows),
--   buckets boolean, states boolean (whether these are wanted)
-- columns: part text, place bigint, bucket date, people numeric, active_users bigint, crashed_users bigint,
--   country text, auto_paste boolean
with asked as materialized (
    select * from unnest(%(kinds)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
                      with ordinality as asked (kind, first, last, place)
), days as materialized (
    select array_agg(bucket order by day) as buckets, array_agg(event_in order by day) as event_in,
           array_agg(crash_in order by day) as crash_in
    from (
        select day::date,
               case when day between %(first)s::date and %(last)s::date
                   then date_trunc(%(group_by)s, day)::date end as bucket,
               coalesce(bit_or(1 << place::integer) filter (where kind <> 2), 0)
                   | (day between %(first)s::date and %(last)s::date)::integer as event_in,
               coalesce(bit_or(1 << place::integer) filter (where kind <> 1), 0) as crash_in
        from generate_series(%(earliest)s::timestamp, %(latest)s::timestamp, '1 day') as day
        left join asked on day between asked.first and asked.last
        group by day
    ) as each_day
), held as not materialized (
    select user_id, 1 + day - %(earliest)s::date as number, crashes,
           case %(dim)s when 'version' then versions when 'platform' then platforms
                        else countries end as of_events,
           case %(dim)s when 'version' then crash_versions when 'platform' then crash_systems
                        else '{}' end as of_crashes
    from person_days
    where app_id = %(app_id)s and day between %(earliest)s::date and %(latest)s::date
), matching as not materialized (
    select user_id, (select buckets from days)[number] as bucket, has_event, has_crash,
           case when has_event then (select event_in from days)[number] else 0 end
           | case when has_crash then (select crash_in from days)[number] else 0 end as windows
    from (
        -- Who got here without a crash did so by an event.
        select user_id, number, has_crash,
               not has_crash or %(value)s::text collate "C" = any (of_events) as has_event
        from (
            select user_id, number, of_events,
                   crashes > 0 and %(value)s::text collate "C" = any (of_crashes) as has_crash
            from held
            where %(value)s::text collate "C" = any (of_events)
               or crashes > 0 and %(value)s::text collate "C" = any (of_crashes)
        ) as either
    ) as told_apart
), counted as materialized (
    -- Per person and per bucket, in one pass. Which of the two parts is run is known to the planner.
    select user_id, bucket, grouping(user_id) = 0 as is_person, bit_or(windows) as windows,
           count(*) filter (where has_event) as active_users,
           count(*) filter (where has_crash) as crashed_users
    from matching
    where %(group_by)s = 'day'
    group by grouping sets ((user_id), (bucket))
    union all
    select user_id, bucket, grouping(user_id) = 0, bit_or(windows),
           count(*) filter (where has_event), count(*) filter (where has_crash)
    from (
        select user_id, bucket, bit_or(windows) as windows,
               bool_or(has_event) as has_event, bool_or(has_crash) as has_crash
        from matching
        where %(group_by)s <> 'day'
        group by user_id, bucket
    ) as once_a_bucket
    group by grouping sets ((user_id), (bucket))
)
select 'window' as part, asked.place, null::date as bucket, coalesce(sum(people), 0) as people,
       null::bigint as active_users, null::bigint as crashed_users, null::text as country, null::boolean as auto_paste
from asked
left join (select windows, count(*) as people from counted where is_person group by windows) as alike
       on alike.windows & (1 << asked.place::integer) <> 0
group by asked.place
union all
select 'bucket', null, bucket, null, active_users, crashed_users, null, null
from counted
where %(buckets)s::boolean and not is_person and bucket is not null
union all
select 'state', null, null, count(*), null, null, coalesce(country, ''), auto_paste
from (
    -- Nobody else has an event in the range. The offset keeps the planner from looking people up one by
    -- one: of weeks and months it expects 200.
    select user_id, country, auto_paste from users
    where app_id = %(app_id)s and last_day >= %(first)s::date
    offset 0
) as present
where %(states)s::boolean
  and user_id in (select user_id from counted where is_person and windows & 1 <> 0)
group by country, auto_paste
order by 2
