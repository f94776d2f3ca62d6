-- People with matching events and crashes, in one reading of them:
-- part 'window': distinct people of each window (kind, first day, last day), as stats_distinct_people;
-- part 'arrival': of each range, people with a matching event and their first event ever in it;
-- part 'bucket': of each frame, as stats_buckets; part 'state': as stats_traits;
-- part 'gap': with event, people by day and days since the one before, 0 for the first that is read: what
-- stats_rolling_people makes of active_gaps;
-- part 'cohort': of each frame, people with a matching event in the week of their first event of all, by the later
-- weeks with one (day) and how many days these come after it (gap); of weeks that begin in the frame.
-- Each window is a bit, and so is "an event in the frame", above them; each day and flags have their windows, each
-- person ends with the bits of the windows they are in.
-- params: app_id smallint, matches boolean, crash_matches boolean, start timestamptz, end timestamptz (exclusive),
--   earliest date, latest date (of all that is asked),
--   kinds integer[], firsts date[], lasts date[] (at most 50), arrival_firsts date[], arrival_lasts date[],
--   frame_firsts date[], frame_lasts date[], groupings text[] (at most 10),
--   buckets boolean[], states boolean[], cohorts boolean[] (whether these are wanted of each frame), gaps boolean,
--   flags integer (of the kinds of activity that an event is)
-- columns: part text, place bigint (of the window, range or frame), day date, gap integer, people bigint,
--   active_users bigint, crashed_users bigint, new_users bigint, country text, auto_paste boolean
with asked as materialized (
    select * from unnest(%(kinds)s::integer[], %(firsts)s::date[], %(lasts)s::date[])
                      with ordinality as asked (kind, first, last, place)
), arrivals as materialized (
    select * from unnest(%(arrival_firsts)s::date[], %(arrival_lasts)s::date[])
                      with ordinality as arrivals (first, last, place)
), frames as materialized (
    select *, 1::bigint << (50 + place)::integer as bit
    from unnest(%(frame_firsts)s::date[], %(frame_lasts)s::date[], %(groupings)s::text[],
                %(buckets)s::boolean[], %(states)s::boolean[], %(cohorts)s::boolean[])
             with ordinality as frames (first, last, grouping, buckets, states, cohorts, place)
), windows as materialized (
    select kind, first, last, 1::bigint << place::integer as bit from asked
    union all
    select 1, first, last, bit from frames where states
), held as materialized (
    select user_id, day, bit_or(flags) as flags
    from (
        select user_id, day, %(flags)s as flags
        from facts_of_people_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts_of_people
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
        union all
        select user_id, day, 2
        from crash_facts_of_people
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(crash_matches)s
    ) as dated
    group by user_id, day
), every_day as materialized (
    select day::date as day
    from generate_series(%(earliest)s::timestamp, %(latest)s::timestamp, '1 day') as day
), days as materialized (
    select every_day.day, alike.flags, coalesce(bit_or(windows.bit), 0) as windows
    from every_day
    cross join (select distinct flags from held) as alike
    left join windows on every_day.day between windows.first and windows.last
                     and (windows.kind = 0 or alike.flags & windows.kind <> 0)
    group by every_day.day, alike.flags
), buckets as materialized (
    select frames.place, every_day.day, date_trunc(frames.grouping, every_day.day)::date as bucket,
           greatest(date_trunc(frames.grouping, every_day.day)::date, frames.first) as first
    from frames join every_day on every_day.day between frames.first and frames.last
    where frames.buckets
), persons as materialized (
    select user_id, bit_or(windows) as windows
    from held join days using (day, flags)
    group by user_id
), fresh as materialized (  -- whose first event ever is in the days that are asked about
    select held.user_id, held.day, users.first_day
    from held
    join users on users.user_id = held.user_id and users.app_id = %(app_id)s
    where held.flags & 1 <> 0 and held.day >= users.first_day
      and users.first_day >= least((select min(first) from frames), (select min(first) from arrivals))
), newcomers as materialized (
    select place, bucket, count(distinct user_id) as new_users
    from fresh join buckets using (day)
    where fresh.first_day >= buckets.first
    group by place, bucket
), weeks as materialized (
    select distinct frames.place, user_id, date_trunc('week', first_day::timestamp)::date as first_week,
           date_trunc('week', day::timestamp)::date as week
    from fresh join frames on frames.cohorts and fresh.day between frames.first and frames.last
    where date_trunc('week', first_day::timestamp)::date >= frames.first
), by_bucket as (
    select place, bucket, count(*) filter (where flags & 1 <> 0) as active_users,
           count(*) filter (where flags & 2 <> 0) as crashed_users
    from (
        select buckets.place, buckets.bucket, held.user_id, bit_or(held.flags) as flags
        from held join buckets using (day)
        group by buckets.place, buckets.bucket, held.user_id
    ) as once
    group by place, bucket
), spaced as (
    select day, coalesce(day - lag(day) over (partition by user_id order by day), 0) as gap
    from held
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
select 'bucket', place, bucket, null, null, active_users, crashed_users, coalesce(new_users, 0), null, null
from by_bucket left join newcomers using (place, bucket)
union all
select 'gap', null, day, gap, count(*), null, null, null, null, null
from spaced
group by day, gap
union all
select 'cohort', place, week, week - first_week, count(*), null, null, null, null, null
from weeks
where (place, user_id, first_week) in (select place, user_id, week from weeks)
group by place, week, first_week
union all
select 'state', frames.place, null, null, count(*), null, null, null, coalesce(users.country, ''), users.auto_paste
from persons
join users on users.user_id = persons.user_id and users.app_id = %(app_id)s
join frames on persons.windows & frames.bit <> 0
group by frames.place, users.country, users.auto_paste
