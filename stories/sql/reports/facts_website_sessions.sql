-- Sessions that hold a matching event of a range, by their source, device and browser, as website_sources and
-- dashboard_session_kinds have them.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), matches boolean
-- columns: what text, key text, count bigint
with matching as materialized (
    select user_id, coalesce(session_id, '') as session_id, timestamp
    from facts
    where app_id = %(app_id)s and timestamp >= %(start)s and timestamp < %(end)s and %(matches)s
), lasting as materialized (
    select user_id, session_id, started_at, ended_at, source, device, browser
    from sessions
    where app_id = %(app_id)s and ended_at >= %(start)s and started_at < %(end)s
), held as materialized (
    select source, device, browser
    from lasting
    where exists (
        select from matching
        where (matching.user_id, matching.session_id) = (lasting.user_id, lasting.session_id)
          and matching.timestamp between lasting.started_at and lasting.ended_at
    )
)
select 'source' as what, coalesce(source, 'direct') as key, count(*) as count from held group by source
union all
select 'device', coalesce(device, 'unknown'), count(*) from held group by device
union all
select 'browser', coalesce(browser, 'unknown'), count(*) from held group by browser
order by 1, 3 desc, 2
