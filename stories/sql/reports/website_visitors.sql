-- Visitors of a range, from its events: distinct keyed hashes of an address with a browser, a kind of device and
-- a system; and the sessions of which an address was known. Where the app has a hash by day, who comes on
-- two days is two visitors.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: visitors bigint, sessions bigint
with seen as materialized (
    select user_id, concat_ws(chr(31), properties ->> 'ip_hash', properties ->> 'browser',
                              properties ->> 'device', properties ->> 'os') as visitor
    from facts
    where app_id = %(app_id)s::smallint
      and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
      and properties ->> 'ip_hash' is not null
)
select (select count(*) from (select distinct visitor from seen) as visitors) as visitors,
       (select count(*) from (select distinct user_id from seen) as people) as sessions
