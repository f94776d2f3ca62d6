-- Visitors of a range, from its events: distinct keyed hashes of an address with a browser, a kind of device and
-- a system; and the sessions of which an address was known. Where the app has a hash by day, who comes on
-- two days is two visitors. narrowed: only of the sessions with a matching event in the range.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive), narrowed boolean, matches boolean
-- columns: visitors bigint, sessions bigint
with matching as materialized (
    select distinct user_id
    from facts_of_people
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz and %(matches)s
), seen as materialized (
    select user_id, concat_ws(chr(31), properties ->> 'ip_hash', properties ->> 'browser',
                              properties ->> 'device', properties ->> 'os') as visitor
    from facts_of_people
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
      and properties ->> 'ip_hash' is not null
      and (not %(narrowed)s::boolean or user_id in (select user_id from matching))
)
select (select count(*) from (select distinct visitor from seen) as visitors) as visitors,
       (select count(*) from (select distinct user_id from seen) as people) as sessions
