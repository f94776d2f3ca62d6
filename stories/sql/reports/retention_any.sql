-- As reports/retention.sql, of any event and without a filter: from the days on which people had one.
-- params: app_id smallint, first date, last date, interval text (day, week or month), of_first boolean,
--   only_last boolean
-- columns: cohort date, returned date (null: the people who started), people bigint
with intervals as materialized (
    select user_id, date_trunc(%(interval)s, day::timestamp)::date as first_day
    from person_days
    where app_id = %(app_id)s and day between %(first)s and %(last)s and flags & 1 <> 0
    group by 1, 2
), cohorts as materialized (
    select intervals.user_id, intervals.first_day
    from intervals
    where not %(of_first)s
    union all
    select user_id, date_trunc(%(interval)s, first_day::timestamp)::date
    from users
    where %(of_first)s and app_id = %(app_id)s and first_day between %(first)s and %(last)s
), returns as (
    select cohorts.user_id, cohorts.first_day as cohort, intervals.first_day as returned
    from cohorts join intervals using (user_id)
    where intervals.first_day >= cohorts.first_day
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
