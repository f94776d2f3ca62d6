-- The oldest events of an app that can be compressed, from `since` on: whole days of the app, together at most
-- `most` events, within a month of UTC; of a day with more, its first part. No row where nothing is left.
-- is_month_over: whether the slice ends because its month does. Handled errors stay rows: moving between groups
-- changes them. So does what is younger than a week, whatever is asked for: appends do not look for it in chunks.
-- params: app_id smallint, since timestamptz, cutoff timestamptz (exclusive), most integer
-- columns: since timestamptz, until timestamptz (exclusive), events bigint, is_month_over boolean
with limits as materialized (
    select least(%(cutoff)s::timestamptz, now() - interval '7 days') as cutoff
), first as materialized (
    select timestamp as since, limits.cutoff,
           month_of(month_of(timestamp) + interval '32 days') as month_end
    from events cross join limits
    where app_id = %(app_id)s::smallint and timestamp >= %(since)s::timestamptz
      and timestamp < limits.cutoff and event <> 'error_handled'
    order by timestamp
    limit 1
), slice as materialized (
    select held.timestamp
    from first cross join lateral (
        select events.timestamp from events
        where app_id = %(app_id)s::smallint and events.timestamp >= first.since
          and events.timestamp < least(first.cutoff, month_end) and event <> 'error_handled'
        order by events.timestamp
        limit %(most)s::integer + 1
    ) as held
), cut as (
    select max(timestamp) as at from slice having count(*) > %(most)s::integer
), ends as (
    select first.since, first.month_end,
           case when cut.at is null then least(first.cutoff, month_end)
                when midnight > first.since then midnight
                when cut.at > first.since then cut.at
                else cut.at + interval '1 microsecond' end as until
    from first cross join apps left join cut on true
    cross join lateral (
        select (cut.at at time zone timezone)::date::timestamp at time zone timezone as midnight
    ) as day
    where apps.app_id = %(app_id)s::smallint
)
select since, until, (select count(*) from slice where timestamp < ends.until) as events,
       until >= month_end as is_month_over
from ends
