-- Where an app has chunks in a span of time: stretches that none reaches over, the oldest first.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: first_at timestamptz, last_at timestamptz
select min(first_at) as first_at, max(last_at) as last_at
from (
    select first_at, last_at, count(*) filter (where begins) over (order by first_at, last_at) as stretch
    from (
        select first_at, last_at,
               first_at > max(last_at) over (order by first_at, last_at
                                             rows between unbounded preceding and 1 preceding) as begins
        from event_chunks
        where app_id = %(app_id)s::smallint and last_at >= %(start)s::timestamptz and first_at < %(end)s::timestamptz
    ) as chunks
) as stretches
group by stretch
order by 1
