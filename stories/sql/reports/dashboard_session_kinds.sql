-- A website's sessions of a range by device and browser.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: what text, key text, count bigint
with inside as (
    select device, browser
    from sessions
    where app_id = %(app_id)s::smallint and ended_day >= (%(start)s::timestamptz at time zone 'utc')::date
      and ended_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz
)
select 'device' as what, coalesce(device, 'unknown') as key, count(*) as count from inside group by device
union all
select 'browser', coalesce(browser, 'unknown'), count(*) from inside group by browser
order by 1, 3 desc, 2
