-- Events that match, by interval and by a key, with the people (or sessions) and the sum of a number in them:
-- a row of each bucket and each of the ten leading keys, of the rest together (place null), and one of everything
-- (is_total). Events without the number are left out where one is asked for. A key '' is none; who reads "other" is
-- of the rest. Distinct people of the rest and of everything are counted anew, never added up.
-- bucket: the first day, or hour in UTC, of the interval; null without one.
-- Who is nobody counts among events and sums alone. by_session: a session is one person's events with one id; without an id it is the chain
-- in which it lies.
-- params: app_id smallint, start timestamptz, end timestamptz, timezone text, event text (null: any),
--   matches boolean, key text, property text (null: none), by_person boolean, by_session boolean,
--   interval text (hour, day, week, month or none), rank text (events, people or sum), most integer
-- columns: bucket timestamp, place bigint, key text, is_total boolean, events numeric, people bigint, sum numeric
with chains as materialized (
    select user_id, array_agg(started_at order by started_at) as starts
    from (
        select user_id, session_key, started_at, ended_at from sessions
        where app_id = %(app_id)s and ended_day >= (%(start)s::timestamptz at time zone 'utc')::date
        union all select user_id, session_key, started_at, ended_at
        from left_sessions_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz)
    ) as sessions
    where %(by_session)s and session_key = '' and started_at < %(end)s and ended_at >= %(start)s
    group by user_id
), each as (
    select case when %(interval)s = 'hour'
                then date_trunc('hour', timestamp, %(timezone)s) at time zone 'UTC'
                when %(interval)s <> 'none' then date_trunc(%(interval)s, day::timestamp) end as bucket,
           coalesce(%(key)s, '') as key,
           case when %(by_person)s then case when is_person(user_id) then user_id::text end
                when %(by_session)s and has_session(user_id) then user_id::text || '/' || coalesce(
                    nullif(session_id, ''), starts[width_bucket(timestamp, starts)]::text, timestamp::text)
                end as who,
           case when %(property)s::text is not null
                then countable_number(properties -> %(property)s::text) end as number
    from facts_between(%(app_id)s::smallint, %(start)s::timestamptz, %(end)s::timestamptz) as facts
    left join chains using (user_id)
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s
      and (%(event)s::text is null or event = %(event)s) and %(matches)s
), together as materialized (
    select bucket, key, who, count(*) as n, sum(number) as total
    from each
    where %(property)s::text is null or number is not null
    group by bucket, key, who
), chosen as materialized (
    select key, row_number() over (order by amount desc, key = '', key collate "C") as place
    from (
        select key, case %(rank)s when 'people' then count(distinct who) when 'sum' then sum(total)
                                  else sum(n) end as amount
        from together
        where key <> 'other'
        group by key
    ) as keys
    order by place
    limit %(most)s
)
select bucket, place, chosen.key, grouping(bucket) = 1 as is_total,
       coalesce(sum(n), 0) as events, count(distinct who) as people, sum(total) as sum
from together left join chosen using (key)
group by grouping sets ((bucket, place, chosen.key), ())
order by is_total, bucket, place
