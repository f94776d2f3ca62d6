-- People who started, by the interval in which they did, and how many of them came back how many intervals later;
-- intervals are named by their first day. Of one who came back in the same interval the return is not before
-- the start. of_first: only those count who had not started before the period, and in the first interval in
-- which they did. only_last: of each person only the latest interval in which they came back.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), starts boolean (which events start),
--   returns boolean (which come back), interval text (day, week or month), of_first boolean,
--   only_last boolean, matches boolean
-- columns: cohort date, returned date (null: the people who started), people bigint
with days as materialized (
    select user_id, day, min(timestamp) filter (where starts) as started,
           max(timestamp) filter (where returns) as returned
    from (
        select user_id, day, timestamp, %(starts)s as starts, %(returns)s as returns
        from facts_of_people_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts_of_people
        where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
    ) as event
    where starts or returns
    group by user_id, day
), intervals as materialized (
    select user_id, date_trunc(%(interval)s, day::timestamp)::date as first_day,
           min(started) as started, max(returned) as returned
    from days
    group by 1, 2
), earlier as materialized (
    select distinct user_id
    from facts_of_people_between(%(app_id)s::smallint, null, %(start)s::timestamptz) as facts_of_people
    where %(of_first)s and app_id = %(app_id)s and timestamp < %(start)s and %(starts)s and %(matches)s
), cohorts as materialized (
    select user_id, first_day, started
    from (
        select user_id, first_day, started,
               row_number() over (partition by user_id order by first_day) as place
        from intervals
        where started is not null
    ) as begun
    where not %(of_first)s or place = 1 and user_id not in (select user_id from earlier)
), returns as (
    select cohorts.user_id, cohorts.first_day as cohort, intervals.first_day as returned
    from cohorts join intervals using (user_id)
    where intervals.first_day > cohorts.first_day and intervals.returned is not null
       or intervals.first_day = cohorts.first_day and intervals.returned >= cohorts.started
), counted as (
    select cohort, returned from returns where not %(only_last)s
    union all
    select cohort, max(returned) from returns where %(only_last)s group by user_id, cohort
)
select first_day as cohort, null::date as returned, count(*) as people
from cohorts
group by first_day
union all
select cohort, returned, count(*)
from counted
group by cohort, returned
order by cohort, returned nulls first
