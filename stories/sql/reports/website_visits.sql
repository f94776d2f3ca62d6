-- Sessions of a range by the page on which they began and ended, and by the campaign that their earliest item
-- with one names, each part of it by itself. From the events of the range: a session that goes on from the day
-- before begins here on its first page of the range. narrowed: only the sessions with a matching event in it; else
-- the condition is folded away, and the events are read once. 'visitors', 'visitors_of' (key null): as website_visitors
-- has them.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), narrowed boolean, matches boolean
-- columns: what text, key text, count bigint
with matching as materialized (
    select distinct user_id
    from facts
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz and %(matches)s
), items as materialized (
    select user_id, timestamp, dedupe_key, event, properties ->> 'path' as path,
           properties ->> 'utm_source' as source, properties ->> 'utm_medium' as medium,
           properties ->> 'utm_campaign' as campaign,
           case when properties ->> 'ip_hash' is not null
               then concat_ws(chr(31), properties ->> 'ip_hash', properties ->> 'browser',
                              properties ->> 'device', properties ->> 'os') end as visitor
    from facts
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
      and (not %(narrowed)s::boolean or user_id in (select user_id from matching))
), entries as (
    select distinct on (user_id) path
    from items where event = 'pageview' and path is not null
    order by user_id, timestamp, dedupe_key
), exits as (
    select distinct on (user_id) path
    from items where event = 'pageview' and path is not null
    order by user_id, timestamp desc, dedupe_key desc
), campaigns as (
    select distinct on (user_id) source, medium, campaign
    from items where coalesce(source, medium, campaign) is not null
    order by user_id, timestamp, dedupe_key
)
select 'entry' as what, path as key, count(*) as count from entries group by path
union all
select 'exit', path, count(*) from exits group by path
union all
select 'source', source, count(*) from campaigns where source is not null group by source
union all
select 'medium', medium, count(*) from campaigns where medium is not null group by medium
union all
select 'campaign', campaign, count(*) from campaigns where campaign is not null group by campaign
union all
select 'visitors', null, count(*) from (select distinct visitor from items where visitor is not null) as visitors
union all
select 'visitors_of', null, count(*) from (select distinct user_id from items where visitor is not null) as people
order by 1, 3 desc, 2
