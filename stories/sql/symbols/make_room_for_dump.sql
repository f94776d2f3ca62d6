-- Deletes the oldest dumps of an app that were walked, until one more has room; those that wait stay.
-- params: app_id smallint, most integer (dumps), most_bytes bigint, more_bytes integer (of the one to come)
-- columns: none
with counted as (
    select user_id, timestamp, dedupe_key, walked_at,
           row_number() over newest as n, sum(bytes) over newest as bytes_so_far
    from minidumps
    where app_id = %(app_id)s::smallint
    window newest as (order by walked_at is not null, at desc, dedupe_key rows unbounded preceding)
)
delete from minidumps
using counted
where counted.walked_at is not null
  and (counted.n >= %(most)s::integer or counted.bytes_so_far + %(more_bytes)s::integer > %(most_bytes)s::bigint)
  and (minidumps.user_id, minidumps.timestamp, minidumps.dedupe_key)
      = (counted.user_id, counted.timestamp, counted.dedupe_key)
