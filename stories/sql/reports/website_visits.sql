-- Of a website's sessions that hold a matching event of a range, in one reading of the events: by the page on which
-- they began and ended, and by the campaign that their earliest item with one names, each part of it by itself. From
-- the events of the range: a session that goes on from the day before begins here on its first page of the range.
-- Of the range and of the one that it is compared with: 'visitors', distinct keyed hashes of an address with a
-- browser, a kind of device and a system, and 'visitors_of', the sessions of which an address was known. Where
-- the app has a hash by day, who comes on two days is two visitors.
-- narrowed: also these sessions by source, device and browser, as website_sources and dashboard_session_kinds have
-- them, and of both ranges their 'sessions' that begin in it, 'bounced' of one item alone, 'seconds' together, as
-- website_session_lengths; else that is folded away.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), before_start timestamptz,
--   before_end timestamptz (of the range that it is compared with; null: none), narrowed boolean, matches boolean
-- columns: place integer (1: of the range, 2: of the other), what text, key text (null: of all), count numeric
with lasting as materialized (
    select row_number() over () as number, user_id, session_text(session_key) as session_id, started_at, ended_at, events, source, device, browser,
           started_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz as begun,
           started_at >= %(before_start)s::timestamptz and started_at < %(before_end)s::timestamptz as begun_before
    from sessions
    where %(narrowed)s::boolean and app_id = %(app_id)s::smallint
      and ended_day >= (least(%(start)s::timestamptz, %(before_start)s::timestamptz) at time zone 'utc')::date
      and (ended_at >= %(start)s::timestamptz and started_at < %(end)s::timestamptz
           or ended_at >= %(before_start)s::timestamptz and started_at < %(before_end)s::timestamptz)
), items as materialized (
    select user_id, coalesce(session_id, '') as session_id, timestamp, dedupe_key, %(matches)s as matches,
           timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz as present,
           coalesce(timestamp >= %(before_start)s::timestamptz and timestamp < %(before_end)s::timestamptz, false)
               as past,
           case when event = 'pageview' then properties ->> 'path' end as path,
           properties ->> 'utm_source' as source, properties ->> 'utm_medium' as medium,
           properties ->> 'utm_campaign' as campaign,
           case when properties ->> 'ip_hash' is not null
               then concat_ws(chr(31), properties ->> 'ip_hash', properties ->> 'browser',
                              properties ->> 'device', properties ->> 'os') end as visitor
    from (select max(ended_at) as last from lasting where begun or begun_before) as span
    cross join lateral facts_between(
        %(app_id)s::smallint, least(%(start)s::timestamptz, %(before_start)s::timestamptz),
        greatest(%(end)s::timestamptz, %(before_end)s::timestamptz, span.last)) as facts
    where app_id = %(app_id)s::smallint
      and timestamp >= least(%(start)s::timestamptz, %(before_start)s::timestamptz)
      and timestamp <= greatest(%(end)s::timestamptz, %(before_end)s::timestamptz,
                                (select max(ended_at) from lasting where begun or begun_before))
      and (timestamp >= %(start)s::timestamptz
           and timestamp <= greatest(%(end)s::timestamptz, (select max(ended_at) from lasting where begun))
           or timestamp >= %(before_start)s::timestamptz
           and timestamp <= greatest(%(before_end)s::timestamptz,
                                     (select max(ended_at) from lasting where begun_before)))
), people as materialized (
    select user_id, bool_or(matches and present) as present, bool_or(matches and past) as past,
           min(timestamp) filter (where present and path is not null) as entered,
           max(timestamp) filter (where present and path is not null) as left_at,
           min(timestamp) filter (where present and coalesce(source, medium, campaign) is not null) as came,
           bool_or(present and visitor is not null) as known, bool_or(past and visitor is not null) as known_before
    from items
    group by user_id
), theirs as materialized (
    select items.user_id, dedupe_key, path, source, medium, campaign, visitor,
           path is not null and timestamp = entered as enters, path is not null and timestamp = left_at as leaves,
           coalesce(source, medium, campaign) is not null and timestamp = came as comes,
           items.present and people.present as present, items.past and people.past as past
    from items join people using (user_id)
    where items.present and people.present or items.past and people.past
), entries as (
    select distinct on (user_id) path from theirs where present and enters order by user_id, dedupe_key
), exits as (
    select distinct on (user_id) path from theirs where present and leaves order by user_id, dedupe_key desc
), campaigns as materialized (
    select distinct on (user_id) source, medium, campaign
    from theirs
    where present and comes
    order by user_id, dedupe_key
), visitors as materialized (
    select visitor, bool_or(present) as present, bool_or(past) as past
    from theirs
    where visitor is not null and is_person(user_id)
    group by visitor
), holding as materialized (
    select number, bool_or(present) as present
    from lasting join items using (user_id, session_id)
    where matches and timestamp between started_at and ended_at
    group by number
), held as materialized (
    select holding.present, source, device, browser, events, extract(epoch from ended_at - started_at) as seconds,
           begun, begun_before
    from holding join lasting using (number)
)
select 1 as place, 'entry' as what, path as key, count(*)::numeric as count from entries group by path
union all
select 1, 'exit', path, count(*) from exits group by path
union all
select 1, 'utm_source', source, count(*) from campaigns where source is not null group by source
union all
select 1, 'utm_medium', medium, count(*) from campaigns where medium is not null group by medium
union all
select 1, 'utm_campaign', campaign, count(*) from campaigns where campaign is not null group by campaign
union all
select 1, 'source', coalesce(source, 'direct'), count(*) from held where present group by source
union all
select 1, 'device', coalesce(device, 'unknown'), count(*) from held where present group by device
union all
select 1, 'browser', coalesce(browser, 'unknown'), count(*) from held where present group by browser
union all
select places.place, visits.what, null, visits.count
from unnest(array[1, 2]) as places (place)
cross join lateral (
    select count(*) as visitors from visitors where case places.place when 1 then present else past end
) as distinct_visitors
cross join lateral (
    select count(*) as visitors_of
    from people
    where case places.place when 1 then present and known else past and known_before end
) as known_people
cross join lateral (
    select count(*) as sessions, count(*) filter (where events = 1) as bounced, coalesce(sum(seconds), 0) as seconds
    from held
    where case places.place when 1 then begun else begun_before end
) as begun
cross join lateral (
    values ('visitors', visitors), ('visitors_of', visitors_of),
           ('sessions', sessions), ('bounced', bounced), ('seconds', seconds)
) as visits (what, count)
order by 1, 2, 4 desc, 3
