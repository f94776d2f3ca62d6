-- Visitors of a range, from its events: distinct keyed hashes of an address with a browser, a kind of device and
-- a system; and the sessions of which an address was known. Where the app has a hash by day, who comes on
-- two days is two visitors.
-- params: app_id smallint, start timestamptz, end timestamptz (exclusive)
-- columns: visitors bigint, sessions bigint
select count(distinct (properties ->> 'ip_hash', properties ->> 'browser', properties ->> 'device',
                       properties ->> 'os')) as visitors,
       count(distinct user_id) as sessions
from facts
where app_id = %(app_id)s::smallint
  and timestamp >= %(start)s::timestamptz and timestamp < %(end)s::timestamptz
  and properties ->> 'ip_hash' is not null
