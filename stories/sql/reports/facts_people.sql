-- People with matching events and crashes, in one reading of them:
-- part 'window': distinct people of each window (kind, first day, last day), as stats_distinct_people;
-- part 'arrival': of each range, people with a matching event and their first event ever in it;
-- part 'bucket': as stats_buckets, of the range first to last; part 'state': as stats_traits;
-- part 'gap': with event, people by day and days since the one before, 0 for the first that is read: what
-- stats_rolling_people makes of active_gaps.
-- Each window is a bit; each day and flags have their windows, each person ends with the bits of the windows
-- they are in. Bit 0 is "an event in the range". days: how far the reading goes.
-- params: app_id smallint, matches boolean, crash_matches boolean, start timestamptz, end timestamptz (exclusive),
--   earliest date, latest date (of all that is asked), first date, last date, group_by text,
--   kinds integer[], firsts date[], lasts date[] (at most 60), arrival_firsts date[], arrival_lasts date[],
--   flag_events text[], flags integer[] (events that set a further flag of a day),
--   buckets boolean, states boolean, gaps boolean (whether these are wanted)
-- columns: part text, place bigint, day date, gap integer, people bigint, active_users bigint,
--   crashed_users bigint, new_users bigint, country text, auto_paste boolean
with asked as materialized (
    select * from unnest(%(kinds)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
                      with ordinality as asked (kind, first, last, place)
), arrivals as materialized (
    select * from unnest(%(arrival_firsts)s::date[], %(arrival_lasts)s::date[])
                      with ordinality as arrivals (first, last, place)
), held as materialized (
    select user_id, day, bit_or(flags) as flags
    from (
        select user_id, day, 1 | coalesce(flag, 0) as flags
        from facts
        left join unnest(%(flag_events)s::text[], %(flags)s::integer[]) as rules (event, flag) using (event)
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
        union all
        select user_id, day, 2
        from crash_facts
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(crash_matches)s
    ) as dated
    group by user_id, day
), days as materialized (
    select each.day::date as day, alike.flags,
           case when each.day between %(first)s::date and %(last)s::date
               then date_trunc(%(group_by)s, each.day)::date end as bucket,
           coalesce(bit_or(1::bigint << asked.place::integer), 0)
               | (each.day between %(first)s::date and %(last)s::date and alike.flags & 1 <> 0)::integer::bigint as windows
    from generate_series(%(earliest)s::timestamp, %(latest)s::timestamp, '1 day') as each (day)
    cross join (select distinct flags from held) as alike
    left join asked on each.day between asked.first and asked.last
                   and (asked.kind = 0 or alike.flags & asked.kind <> 0)
    group by each.day, alike.flags
), placed as materialized (
    select held.user_id, held.day, held.flags, days.bucket, days.windows
    from held join days using (day, flags)
), persons as materialized (
    select user_id, bit_or(windows) as windows from placed group by user_id
), fresh as materialized (  -- whose first event ever is in the days that are asked about
    select placed.user_id, placed.day, placed.bucket, users.first_day
    from placed
    join users on users.user_id = placed.user_id and users.app_id = %(app_id)s
    where placed.flags & 1 <> 0 and placed.day >= users.first_day
      and users.first_day >= least(%(first)s::date, (select min(first) from arrivals))
), newcomers as materialized (
    select bucket, count(distinct user_id) as new_users
    from fresh
    where bucket is not null
      and first_day >= greatest(bucket, %(first)s::date) and %(buckets)s::boolean
    group by bucket
), by_bucket as (
    select bucket, count(*) filter (where flags & 1 <> 0) as active_users,
           count(*) filter (where flags & 2 <> 0) as crashed_users
    from (
        select bucket, user_id, bit_or(flags) as flags
        from placed
        where bucket is not null and %(buckets)s::boolean
        group by bucket, user_id
    ) as once
    group by bucket
), spaced as (
    select day, coalesce(day - lag(day) over (partition by user_id order by day), 0) as gap
    from placed
    where flags & 1 <> 0 and %(gaps)s::boolean
)
select 'window' as part, asked.place, null::date as day, null::integer as gap,
       coalesce(sum(people), 0)::bigint as people, null::bigint as active_users,
       null::bigint as crashed_users, null::bigint as new_users, null::text as country, null::boolean as auto_paste
from asked
left join (select windows, count(*) as people from persons group by windows) as alike
       on alike.windows & (1::bigint << asked.place::integer) <> 0
group by asked.place
union all
select 'arrival', arrivals.place, null, null, count(distinct fresh.user_id), null, null, null, null, null
from arrivals
left join fresh on fresh.day between arrivals.first and arrivals.last and fresh.first_day >= arrivals.first
group by arrivals.place
union all
select 'bucket', null, bucket, null, null, active_users, crashed_users, coalesce(new_users, 0), null, null
from by_bucket left join newcomers using (bucket)
union all
select 'gap', null, day, gap, count(*), null, null, null, null, null
from spaced
group by day, gap
union all
select 'state', null, null, null, count(*), null, null, null, coalesce(country, ''), auto_paste
from persons join users using (user_id)
where users.app_id = %(app_id)s and persons.windows & 1 <> 0 and %(states)s::boolean
group by country, auto_paste
order by 1, 2
